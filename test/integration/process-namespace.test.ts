import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { listProcesses, pidNamespace } from '#activities/process/process-table.ts';
import { findTree, killTree, treeOf } from '#activities/process/process-tree.ts';
import { until } from '../helpers/until.ts';

const NEW_NAMESPACE = ['--user', '--map-root-user', '--pid', '--fork', '--kill-child=KILL', 'sleep', '1000'];
/** The kernel gives a number that is free away again within a few namespaces. */
const STRANGERS = 60;

type Fenced = { outer: ChildProcess; pid: number; namespace: string };

/** A process in a pid namespace of its own, or the words of unshare where this machine allows none. */
async function startFenced(): Promise<Fenced | string> {
  const outer = spawn('unshare', NEW_NAMESPACE, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  outer.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const look = (): Fenced | string => {
    if (outer.exitCode !== null) return said;
    const inner = listProcesses().find((row) => row.ppid === outer.pid);
    const namespace = inner === undefined ? null : pidNamespace(inner.pid);
    if (inner === undefined || namespace === null || namespace === pidNamespace('self')) throw new Error('it has not started yet');
    return { outer, pid: inner.pid, namespace };
  };
  return until(look, { timeout: 20_000, interval: 10 });
}

async function startStranger(): Promise<Fenced> {
  const started = await startFenced();
  if (typeof started === 'string') throw new Error(started);
  return started;
}

/** A later one whose namespace bears the same number, or the last of many that do not. */
async function startTwin(gone: Fenced): Promise<Fenced> {
  let stranger = await startStranger();
  for (let n = 0; n < STRANGERS && stranger.namespace !== gone.namespace; n++) {
    await end(stranger);
    stranger = await startStranger();
  }
  return stranger;
}

/** Its parent collects it, so that nothing is left that would keep the namespace. */
async function end({ outer, pid }: Fenced): Promise<void> {
  const exit = once(outer, 'exit');
  process.kill(pid, 'SIGKILL');
  await exit;
}

const first = await startFenced();

test.skipIf(typeof first === 'string')('a namespace that is gone is not taken for the next one that bears its number', async () => {
  if (typeof first === 'string') throw new Error(first);
  const tree = treeOf(first.outer.pid ?? 0, 'namespace-test');
  expect(findTree(tree).map((row) => row.pid)).toContain(first.pid);
  await end(first);
  const stranger = await startTwin(first);
  expect(await killTree(tree)).toBe(0);
  expect(listProcesses().map((row) => row.pid)).toContain(stranger.pid);
  stranger.outer.kill('SIGKILL');
});
