/** What a run hands on to its next segment, and how that takes it up. */
import type { KeptNode, KeptUndo, RunSegment } from '#contract/segment.ts';
import { initialRunState } from '#contract/run-state.ts';
import type { Controls } from './controls.ts';
import type { RunContext } from './run-context.ts';
import { Scope } from './scope.ts';

export function segmentOf(run: RunContext, controls: Controls, number: number): RunSegment {
  const { state } = run.journal;
  const touched = Object.entries(state.nodes).filter(([, node]) => node.seq > 0);
  const open = [...run.steering.scopes];
  const { nodes, rounds, scopes } = run.progress.kept;
  const begun = new Map(nodes.map((node) => [node.id, node]));
  for (const id of open.flatMap((scope) => scope.begun)) begun.set(id, { ...begun.get(id), id, ...effectOf(run, id) });
  return {
    number,
    state: { ...state, nodes: Object.fromEntries(touched) },
    outputs: Object.fromEntries(run.outputs),
    labels: run.labels.kept,
    scopes: [...scopes, ...open.map((scope) => scope.kept)],
    rounds,
    nodes: [...begun.values()],
    gates: run.gates.kept,
    undo: run.compensations.kept,
    seen: controls.seen,
    steering: run.steering.kept,
    spending: run.spending.kept([...run.running.keys()].flatMap((id) => run.reserved.get(id) ?? [])),
    ...run.kept,
    ...(run.approved.agent_tools === undefined ? {} : { agent_tools: run.approved.agent_tools }),
  };
}

/** An effect that takes longer than a change of segments goes on meanwhile. */
function effectOf(run: RunContext, id: string): Pick<KeptNode, 'effect'> {
  if (!run.running.has(id)) return {};
  return { effect: { reserved: run.reserved.get(id) ?? null, workspace: run.workspace.modeOf(id) } };
}

/** Before any node begins. */
export function takeUp(segment: RunSegment, run: RunContext): void {
  const initial = initialRunState(run.input.run_id, run.approved.plan.nodes);
  const state = { ...segment.state, nodes: { ...initial.nodes, ...segment.state.nodes } };
  run.journal.resume(
    state,
    segment.nodes.map((node) => node.id),
  );
  for (const [id, output] of Object.entries(segment.outputs)) run.outputs.set(id, output);
  run.labels.restore(segment.labels ?? {});
  run.progress.restore(segment);
  run.gates.restore(segment.gates);
  run.steering.restore(segment.steering);
  run.spending.restore(segment.spending);
  run.compensations.restore(segment.undo, (undo) => frozenScope(run, undo));
  run.restore(segment);
  for (const { id, effect } of segment.nodes) {
    if (!effect) continue;
    run.parallel.keep(id);
    if (effect.workspace !== null) run.workspace.keep(id, effect.workspace);
  }
  if (state.paused) run.pause();
}

function frozenScope(run: RunContext, { prefix, context }: KeptUndo): Scope {
  const frozen = { ...context, inputs: run.approved.inputs, run: { id: run.input.run_id } };
  return new Scope(run, [], { prefix, outer: null, variables: {}, frozen });
}
