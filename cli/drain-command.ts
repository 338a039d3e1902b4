/** `gimo drain`: before an upgrade nothing new begins and every effect comes to its end, so that no person is asked what became of one. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { EFFECT_KINDS } from '#contract/nodes/index.ts';
import type { GraphNode, Run } from '#contract/objects.ts';
import type { ApiClient } from './api-client.ts';
import { EXIT } from './failure.ts';
import { graphOf } from './run-graph.ts';
import type { Session } from './session.ts';

const POLL_MS = 500;
const PAGE = '200';

type MakeSession = (command: Command) => Session;
type DrainOptions = { stop?: boolean; undo?: boolean; timeout: string };
type Left = { run_id: string; node: string };

export function addDrainCommand(program: Command, makeSession: MakeSession): void {
  const command = program
    .command('drain')
    .description('Before an upgrade: no run gets a place, runs pause, effects come to their end')
    .option('--stop', 'stop effects that are under way instead of waiting for them')
    .option('--undo', 'after the upgrade: resume what was paused, and give places again')
    .option('--timeout <seconds>', 'how long to wait for effects', '600')
    .addHelpText('after', '\nExample:\n  gimo drain && systemctl restart gimo && gimo drain --undo');
  command.action(async (options: DrainOptions) => {
    const session = makeSession(command);
    const client = session.client();
    if (options.undo === true) return undo(session, client);
    const paused = await hold(client, options.stop === true);
    const left = await untilStill(client, Number(options.timeout) * 1000);
    if (left.length > 0) process.exitCode = EXIT.failed;
    session.result({ drained: left.length === 0, paused_runs: paused, left }, () => [
      left.length === 0 ? `Drained: ${paused.length} runs are paused, no effect is under way.` : 'Still under way:',
      ...left.map(({ run_id: run, node }) => `  ${run} ${node}`),
    ]);
  });
}

/** New runs wait, those under way pause. Out: the runs that were paused, by an earlier drain or by this one. */
async function hold(client: ApiClient, isStopping: boolean): Promise<string[]> {
  const { data: config } = await client.call('config_get', {});
  const before = config.drain?.paused_runs ?? [];
  await client.call('config_put', { body: { drain: { paused_runs: before } } });
  const running = (await runsUnderWay(client)).filter((run) => !run.paused).map((run) => run.id);
  const paused = [...new Set([...before, ...running])];
  // Before they are paused, so that none is forgotten.
  await client.call('config_put', { body: { drain: { paused_runs: paused } } });
  for (const id of running) await client.call('runs_pause', { params: { id }, body: { running: isStopping ? 'stop' : 'finish' } });
  return paused;
}

async function runsUnderWay(client: ApiClient): Promise<Run[]> {
  const found: Run[] = [];
  const query: Record<string, string> = { status: 'running', limit: PAGE };
  for (;;) {
    const { data, next } = await client.call('runs_list', { query });
    found.push(...data);
    if (next === null) return found;
    query['cursor'] = next;
  }
}

/** Waits: until no effect is under way. Out: those that are after the time is over. */
async function untilStill(client: ApiClient, timeoutMs: number): Promise<Left[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const runs = (await runsUnderWay(client)).filter((run) => run.nodes.running > 0);
    const left = (await Promise.all(runs.map((run) => effectsUnderWay(client, run.id)))).flat();
    if (left.length === 0 || performance.now() >= deadline) return left;
    await delay(POLL_MS);
  }
}

async function effectsUnderWay(client: ApiClient, id: string): Promise<Left[]> {
  return (await graphOf(client, id)).filter(isUnderWay).map((node) => ({ run_id: id, node: node.id }));
}

function isUnderWay({ kind, status }: GraphNode): boolean {
  return status === 'running' && (EFFECT_KINDS as readonly string[]).includes(kind);
}

async function undo(session: Session, client: ApiClient): Promise<void> {
  const { data: config } = await client.call('config_get', {});
  const paused = config.drain?.paused_runs ?? [];
  const under = new Set((await runsUnderWay(client)).filter((run) => run.paused).map((run) => run.id));
  const resumed = paused.filter((id) => under.has(id));
  for (const id of resumed) await client.call('runs_resume', { params: { id } });
  await client.call('config_put', { body: { drain: null } });
  session.result({ resumed_runs: resumed }, () => [`${resumed.length} runs go on, and runs get places again.`]);
}
