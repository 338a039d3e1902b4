import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { prepareFence } from '#activities/fence/fence-command.ts';
import { probeKind } from '#activities/fence/probe.ts';
import { hasEffectMark, listProcesses } from '#activities/process/process-table.ts';
import { killMarked, killRecorded } from '#activities/process/process-tree.ts';
import { runProcess } from '#activities/process/run-process.ts';

const effects: string[] = [];

function newEffect(): string {
  effects.push(`killed-test-${process.pid}-${effects.length}`);
  return effects.at(-1) ?? '';
}

afterAll(async () => {
  for (const effect of effects) await killMarked(effect);
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true in 20 s.');
    await delay(10);
  }
}

const alive = (effectId: string): number => listProcesses().filter((row) => hasEffectMark(row.pid, effectId)).length;

async function startParent(
  kind: string,
  effectId: string,
  argv: string[],
): Promise<{ parent: ChildProcess; started: { pid: number; startTime: string } }> {
  const file = path.join(import.meta.dirname, 'process-parent.ts');
  const parent = spawn(process.execPath, [file, kind, effectId, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, started: JSON.parse(text.toString()) as { pid: number; startTime: string } };
}

async function killParent(parent: ChildProcess): Promise<void> {
  const ended = once(parent, 'exit');
  parent.kill('SIGKILL');
  await ended;
}

test('without a fence the next worker ends what a killed worker left', async () => {
  const effectId = newEffect();
  const { parent, started } = await startParent('none', effectId, ['0', 'sh', '-c', 'setsid sleep 1000 & sleep 1000']);
  await until(() => alive(effectId) >= 3);
  await killParent(parent);
  expect(alive(effectId)).toBeGreaterThanOrEqual(3);
  expect(await killRecorded({ ...started, effectId })).toBe(0);
  expect(alive(effectId)).toBe(0);
});

const fences = await Promise.all((['bubblewrap', 'unshare'] as const).map(async (kind) => ({ kind, status: await probeKind(kind) })));

describe.each(fences)('$kind', ({ kind, status }) => {
  beforeEach((context) => {
    if (typeof status === 'string') context.skip(status);
  });

  // It also hides its mark: only the pid namespace still tells whose it is.
  const daemon =
    'setsid env -i sh -c "setsid sleep 1000 & exec sleep 1000" >/dev/null 2>&1 & trap "echo cleaned; exit 7" TERM; echo started; while :; do sleep 0.05; done';

  test.each(['0', '400'])('the tree of a worker that was killed vanishes by itself, with a limit of %s processes', async (limit) => {
    const effectId = newEffect();
    const { parent, started } = await startParent(kind, effectId, [limit, 'sh', '-c', 'setsid sleep 1000 & sleep 1000']);
    await until(() => alive(effectId) >= 4);
    await killParent(parent);
    await until(() => alive(effectId) === 0);
    expect(listProcesses().filter((row) => row.pgid === started.pid)).toEqual([]);
  });

  test('an abort reaches daemons that hid their mark, and the program may clean up first', async () => {
    if (typeof status === 'string') throw new Error(status);
    const paths = { readPaths: [], writePaths: [], coverPaths: [] };
    const command = await prepareFence(status, {
      argv: ['sh', '-c', daemon],
      cwd: '/tmp',
      env: {},
      ...paths,
      network: 'none',
      maxProcesses: 400,
    });
    const stop = new AbortController();
    const before = new Set(listProcesses().map((row) => row.pid));
    let seen: number[] = [];
    const result = await runProcess(
      { ...command, effectId: newEffect() },
      {
        signal: stop.signal,
        onChunk: ({ text }) => {
          if (!text.includes('started')) return;
          seen = listProcesses().flatMap((row) => (before.has(row.pid) ? [] : [row.pid]));
          stop.abort();
        },
      },
    );
    expect(result).toMatchObject({ exit_code: 7, stdout: 'started\ncleaned\n', stopped: true, processes_left: 0 });
    expect(seen.length).toBeGreaterThan(2);
  });
});
