import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { hasEffectMark, listProcesses, parsePs, startTimeOf } from '#activities/process/process-table.ts';
import { killMarked, killRecorded } from '#activities/process/process-tree.ts';
import { runProcess, type ProcessChunk, type ProcessHooks, type ProcessResult, type ProcessSpec } from '#activities/process/run-process.ts';

const effects: string[] = [];

function newEffect(): string {
  effects.push(`process-test-${process.pid}-${effects.length}`);
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

type Options = Partial<ProcessSpec> & ProcessHooks;

function run(argv: string[], { signal, onChunk, onStart, ...spec }: Options = {}): Promise<ProcessResult> {
  const [file = '', ...args] = argv;
  return runProcess({ file, args, env: { PATH: '/usr/bin:/bin' }, effectId: newEffect(), ...spec }, { signal, onChunk, onStart });
}

const node = (code: string): string[] => [process.execPath, '-e', code];

test('a program gives its exit code, both outputs, and nothing is left of it', async () => {
  const result = await run(['sh', '-c', 'cat; echo wrong >&2; exit 3'], { stdin: 'given' });
  expect(result).toEqual({
    exit_code: 3,
    signal: null,
    stdout: 'given',
    stderr: 'wrong\n',
    duration_ms: expect.any(Number),
    truncated: false,
    timed_out: false,
    stopped: false,
    processes_left: 0,
    limit_hit: null,
  });
});

test('input is closed when none is given, and a program that reads none of a large input does no harm', async () => {
  expect(await run(['cat'])).toMatchObject({ exit_code: 0, stdout: '' });
  expect(await run(['true'], { stdin: 'x'.repeat(4_000_000) })).toMatchObject({ exit_code: 0 });
});

test('the environment is what was given and the mark of the effect, nothing of the worker', async () => {
  const result = await run(['/usr/bin/env'], { effectId: 'effect-1', env: { ONE: '1' } });
  expect(result.stdout.split('\n').sort()).toEqual(['', 'GIMO_EFFECT=effect-1', 'ONE=1']);
});

test('a missing program is PROCESS_NOT_FOUND, a missing working folder is named', async () => {
  await expect(run(['no-such-program'])).rejects.toMatchObject({
    code: 'PROCESS_NOT_FOUND',
    message: expect.stringContaining('no-such-program'),
  });
  await expect(run(['true'], { cwd: '/no/such/folder' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a long output keeps its beginning and its end and says how much is missing; characters stay whole', async () => {
  const result = await run(node(`process.stdout.write('ä'.repeat(1000) + 'é€😀'.repeat(100_000) + 'ö'.repeat(1000))`), {
    keepBytes: 10_001,
  });
  expect(result.truncated).toBe(true);
  expect(result.stdout).toMatch(/^ä{1000}[é€😀]*\n… \[\d+ bytes left out\] …\n[é€😀]*ö{1000}$/u);
  expect(result.stdout).not.toContain('\ufffd');
  const left = Number(/\[(\d+) bytes/.exec(result.stdout)?.[1]);
  const kept = Buffer.byteLength(result.stdout) - Buffer.byteLength(`\n… [${left} bytes left out] …\n`);
  expect(kept + left).toBe(2000 + 900_000 + 2000);
  expect(kept).toBeLessThanOrEqual(10_001);
});

test('chunks arrive in order, numbered, with whole characters, also when these are written byte by byte', async () => {
  const chunks: ProcessChunk[] = [];
  const code = `const bytes = Buffer.from('aé\\n€😀\\nz'); let at = 0; (function next() { if (at < bytes.length) process.stdout.write(bytes.subarray(at, ++at), () => setTimeout(next, 3)); })()`;
  await run(node(code), { onChunk: (chunk) => void chunks.push(chunk) });
  expect(chunks.map((chunk) => chunk.text).join('')).toBe('aé\n€😀\nz');
  expect(chunks.every((chunk) => !chunk.text.includes('\ufffd'))).toBe(true);
  expect(chunks.map((chunk) => chunk.seq)).toEqual(chunks.map((_, index) => index + 1));
  expect(chunks.length).toBeGreaterThan(1);
});

test('a slow receiver gets everything, in order', async () => {
  let received = '';
  await run(['seq', '1', '60000'], {
    onChunk: async ({ text }) => {
      await delay(5);
      received += text;
    },
  });
  expect(received).toBe(`${Array.from({ length: 60_000 }, (_, index) => index + 1).join('\n')}\n`);
});

test('streaming ends at its limit, and the result says so', async () => {
  let streamed = 0;
  const result = await run(['head', '-c', '3000000', '/dev/zero'], {
    streamBytes: 500_000,
    onChunk: ({ text }) => void (streamed += text.length),
  });
  expect(streamed).toBeGreaterThanOrEqual(500_000);
  expect(streamed).toBeLessThan(700_000);
  expect(result).toMatchObject({ exit_code: 0, truncated: true });
});

test('a time limit ends the program and is a result', async () => {
  const result = await run(['sleep', '1000'], { timeoutMs: 100 });
  expect(result).toMatchObject({ exit_code: null, signal: 'SIGTERM', timed_out: true, stopped: false, processes_left: 0 });
});

test('a program that ignores SIGTERM is killed after the grace time', async () => {
  const stop = new AbortController();
  const result = await run(['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'], {
    signal: stop.signal,
    graceMs: 200,
    onChunk: () => stop.abort(),
  });
  expect(result).toMatchObject({ signal: 'SIGKILL', stopped: true, processes_left: 0 });
});

test('a program may clean up after SIGTERM', async () => {
  const stop = new AbortController();
  const code = 'trap "echo cleaned; exit 7" TERM; echo ready; while :; do sleep 0.05; done';
  const result = await run(['sh', '-c', code], { signal: stop.signal, onChunk: () => stop.abort() });
  expect(result).toMatchObject({ exit_code: 7, stdout: 'ready\ncleaned\n', stopped: true });
});

test('an abort before the start starts nothing', async () => {
  expect(await run(['no-such-program'], { signal: AbortSignal.abort() })).toMatchObject({
    exit_code: null,
    stopped: true,
    processes_left: 0,
  });
});

test('a failing receiver ends the program and its error is the answer', async () => {
  const effectId = newEffect();
  const failing = run(['sh', '-c', 'echo one; sleep 1000'], { effectId, onChunk: () => Promise.reject(new Error('the store is full')) });
  await expect(failing).rejects.toThrow('the store is full');
  expect(alive(effectId)).toBe(0);
});

test('children that left the session with a double fork end with the abort', async () => {
  const effectId = newEffect();
  const stop = new AbortController();
  const daemon = 'setsid sh -c "setsid sleep 1000 & exec sleep 1000" >/dev/null 2>&1 & echo started; sleep 1000';
  const result = await run(['sh', '-c', daemon], {
    effectId,
    signal: stop.signal,
    onChunk: async () => {
      await until(() => alive(effectId) >= 4);
      stop.abort();
    },
  });
  expect(result).toMatchObject({ stopped: true, processes_left: 0 });
  expect(alive(effectId)).toBe(0);
});

test('what a program leaves running in the background ends with it', async () => {
  const effectId = newEffect();
  const result = await run(['sh', '-c', 'setsid sleep 1000 & echo left'], { effectId });
  expect(result).toMatchObject({ exit_code: 0, stdout: 'left\n', processes_left: 0 });
  expect(alive(effectId)).toBe(0);
});

test('the recorded start finds the child of an earlier worker; another process with that pid is left alone', async () => {
  const effectId = newEffect();
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  expect(await killRecorded({ pid, startTime: 'another boot:1', effectId })).toBe(0);
  expect(startTimeOf(pid)).not.toBeNull();
  expect(child.exitCode).toBeNull();
  const ended = once(child, 'exit');
  expect(await killRecorded({ pid, startTime: startTimeOf(pid) ?? '', effectId })).toBe(0);
  expect((await ended)[1]).toBe('SIGKILL');
});

test('rows of ps are read, also those of dead processes', () => {
  const rows = parsePs('    1     0     1 Ss   Mon Jan  5 10:00:00 2026\n   20     1    20 Z+   Mon Jan  5 10:00:01 2026\n');
  expect(rows).toEqual([
    { pid: 1, ppid: 0, pgid: 1, session: 1, startTime: 'Mon Jan  5 10:00:00 2026', isZombie: false },
    { pid: 20, ppid: 1, pgid: 20, session: 20, startTime: 'Mon Jan  5 10:00:01 2026', isZombie: true },
  ]);
});
