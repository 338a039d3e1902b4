/** Nodes that a call adds to a run while it goes on: they belong to its top level and nothing depends on them. */
import { isCancellation } from '@temporalio/workflow';
import type { DelegateCommand } from '#contract/delegation.ts';
import { CLEAN, namedAfter, OUTSIDE } from '#contract/labels.ts';
import { delegateTo, type Caller } from './delegation.ts';
import { toNodeFailure } from './failure.ts';
import type { RunContext } from './run-context.ts';

/** Why it may not be added; null when it may. */
export function guestRefusal(run: RunContext, { node }: DelegateCommand): string | null {
  if (run.isHandingOn) return 'the run is about to go on in another workflow; ask again';
  if (run.halted !== null || run.isEnding) return `the run is ending: ${run.halted ?? 'all of its nodes are done'}`;
  return Object.hasOwn(run.journal.state.nodes, node) ? `the run has a node ${node} already` : null;
}

/** Adds the node that a call asks for. */
export function addGuest(run: RunContext, command: DelegateCommand): void {
  const work = run.graph.run(() => runGuest(run, command));
  run.guests.add(work);
  void work.finally(() => run.guests.delete(work));
}

async function runGuest(run: RunContext, command: DelegateCommand): Promise<void> {
  const { node: id, by, agent, task, plan, budget } = command;
  const { journal } = run;
  const node = { kind: 'delegate' } as const;
  journal.node(id, 'info', `${by} delegated to ${agent}: ${task.slice(0, 200)}`, { ...node, status: 'ready', needs: [] });
  const request = { agent, task, ...(plan === undefined ? {} : { plan }), ...(budget === undefined ? {} : { budget }) };
  try {
    const output = await delegateTo(run, { id, kind: 'delegate', attempt: 1, isGuest: true, ...labelsOf(run, command) }, request);
    run.outputs.set(id, output);
    run.labels.add(id, namedAfter(OUTSIDE, id));
    const label = run.labels.isOn ? { label: run.labels.told(id) } : {};
    journal.node(id, 'info', 'done', { ...node, status: 'done', error: null, output, ...label });
  } catch (error) {
    if (isCancellation(error)) return journal.node(id, 'warn', 'cancelled', { ...node, status: 'cancelled' });
    const { info } = toNodeFailure(error, 1);
    journal.node(id, 'error', `${info.code}: ${info.message}`, { ...node, status: 'error', error: info });
  }
}

/** Nobody approved what a caller writes; nodes of an agent of the registry are an admin's. */
function labelsOf({ labels, approved }: RunContext, { node, plan }: DelegateCommand): Pick<Caller, 'labels'> {
  if (!labels.isOn || approved.has_whole_commands !== true) return {};
  const task = namedAfter(OUTSIDE, node);
  return { labels: { task, text: plan === undefined ? CLEAN : task } };
}

/** Waits: until every node that was added has ended. */
export async function guestsGone({ guests }: RunContext): Promise<void> {
  while (guests.size > 0) await Promise.all(guests);
}
