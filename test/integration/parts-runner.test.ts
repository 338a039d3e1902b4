/** The supervisor's part of the work on real processes: small scripts in place of GIMO's own parts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PartState } from '#platform/instance.ts';
import { processStartTime, signalProcess } from '#platform/processes.ts';
import { withShellGuard } from '#supervisor/guard.ts';
import type { PartSpec } from '#supervisor/part.ts';
import { PartsRunner } from '#supervisor/parts-runner.ts';
import { createReporter } from '#supervisor/reporter.ts';

let dir: string;
let runner: PartsRunner;
let said: string[];
let crashed: { part: string; line: string }[];
let becameReady: string[];

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-parts-'));
  said = [];
  crashed = [];
  becameReady = [];
  const wasReady = new Set<string>();
  runner = new PartsRunner(
    dir,
    createReporter(false, (line) => said.push(line)),
    {
      onChange: (parts) => {
        for (const [name, { state }] of Object.entries(parts)) {
          if (state === 'ready' && !wasReady.has(name)) becameReady.push(name);
          if (state === 'ready') wasReady.add(name);
          else wasReady.delete(name);
        }
      },
      onCrashLoop: (part, line) => crashed.push({ part, line }),
    },
  );
});
afterEach(() => {
  runner.killAll();
  rmSync(dir, { recursive: true, force: true });
});

const READY = `console.log(JSON.stringify({ level: 'info', msg: 'up', ready: true }));`;
const STAY = `setInterval(() => {}, 1000);`;
/** Writes its name to a common file when it is told to stop. */
const noteStop = (name: string): string =>
  `import fs from 'node:fs'; process.on('SIGTERM', () => { fs.appendFileSync(${JSON.stringify(path.join(dir, 'stops'))}, '${name} '); process.exit(0); });`;

function part(name: string, code: string, more: Partial<PartSpec> = {}): PartSpec {
  const file = path.join(dir, `${name}.mjs`);
  writeFileSync(file, code);
  return { name, command: process.execPath, argv: [file], cwd: dir, env: {}, needs: [], ready: 'log', stopMs: 1000, ...more };
}

const stateOf = (name: string): PartState | undefined => runner.states[name];
const pidOf = (name: string): number => stateOf(name)?.pid ?? 0;
const until = (condition: () => void) => vi.waitFor(condition, { timeout: 30_000, interval: 20 });

describe('a part', () => {
  it('that is killed is back with a new process, and says so', async () => {
    await runner.run(part('one', READY + STAY));
    const first = pidOf('one');
    signalProcess(first, 'SIGKILL');
    await until(() => expect(stateOf('one')).toMatchObject({ state: 'ready', restarts: 1 }));
    expect(pidOf('one')).not.toBe(first);
    expect(stateOf('one')?.last_exit).toMatchObject({ signal: 'SIGKILL', code: null });
    expect(said.join('\n')).toContain('! one: was killed (SIGKILL); it is started again');
  });

  it('that never becomes ready is given up after five exits, with its last words', async () => {
    void runner.run(part('bad', `throw new Error('the reason is here');`));
    await until(() => expect(crashed).toEqual([{ part: 'bad', line: 'Error: the reason is here' }]));
    expect(stateOf('bad')?.restarts).toBe(4);
  });

  it('that is missing its program is given up with a sentence', async () => {
    void runner.run(part('none', '', { command: path.join(dir, 'no-such-program') }));
    await until(() => expect(crashed).toHaveLength(1));
    expect(said.join('\n')).toContain('none: cannot be started');
  });

  it('waits for what it needs, also when both have died', async () => {
    await runner.run(part('base', `setTimeout(() => { ${READY} }, 300); ${STAY}`));
    await runner.run(part('top', READY + STAY, { needs: ['base'] }));
    for (const name of ['top', 'base']) signalProcess(pidOf(name), 'SIGKILL');
    const restarts = (): unknown[] => ['base', 'top'].map((name) => [stateOf(name)?.state, stateOf(name)?.restarts]);
    await until(() =>
      expect(restarts()).toEqual([
        ['ready', 1],
        ['ready', 1],
      ]),
    );
    expect(becameReady).toEqual(['base', 'top', 'base', 'top']);
  });

  it('has its output in a file, and only its warnings and errors on the console', async () => {
    const code = `console.log(JSON.stringify({ level: 'error', msg: 'lost', err: { message: 'it' } })); console.log('plain');`;
    await runner.run(part('talker', code + READY + STAY));
    await runner.stop(['talker']);
    expect(readFileSync(path.join(dir, 'talker.log'), 'utf8').split('\n')).toHaveLength(4);
    expect(said).toEqual(['✗ talker: lost: it']);
  });
});

/** Notes when it waits and when it begins, with its pid. */
const waiting = (file: string): string => `import fs from 'node:fs';
  const note = (word) => fs.appendFileSync(${JSON.stringify(file)}, word + ':' + process.pid + ' ');
  if (process.argv.includes('--wait')) { note('waits'); await new Promise((begin) => process.stdin.once('data', begin)); }
  note('begins');`;

describe('a part with a process that stands by', () => {
  const notes = (): string[] => readFileSync(path.join(dir, 'notes'), 'utf8').trim().split(' ');
  const standing = (name: string): Promise<void> =>
    runner.run(part(name, waiting(path.join(dir, 'notes')) + READY + STAY, { standbyAfterMs: 0 }));

  it('goes on in that process when it is killed, and the next one stands by', async () => {
    await standing('one');
    await until(() => expect(notes()).toHaveLength(2));
    const waits = Number(notes()[1]?.split(':')[1]);
    signalProcess(pidOf('one'), 'SIGKILL');
    await until(() => expect(stateOf('one')).toMatchObject({ state: 'ready', restarts: 1, pid: waits }));
    await until(() => expect(notes().map((note) => note.split(':')[0])).toEqual(['begins', 'waits', 'begins', 'waits']));
  });

  it('starts from nothing when that process has died too', async () => {
    await standing('one');
    await until(() => expect(notes()).toHaveLength(2));
    const waits = Number(notes()[1]?.split(':')[1]);
    signalProcess(waits, 'SIGKILL');
    await until(() => expect(processStartTime(waits)).toBeNull());
    signalProcess(pidOf('one'), 'SIGKILL');
    await until(() => expect(stateOf('one')).toMatchObject({ state: 'ready', restarts: 1 }));
  });

  it('has another process stand by when that one dies while it waits', async () => {
    await standing('one');
    await until(() => expect(notes()).toHaveLength(2));
    signalProcess(Number(notes()[1]?.split(':')[1]), 'SIGKILL');
    await until(() => expect(notes().map((note) => note.split(':')[0])).toEqual(['begins', 'waits', 'waits']));
    const waits = Number(notes()[2]?.split(':')[1]);
    signalProcess(pidOf('one'), 'SIGKILL');
    await until(() => expect(stateOf('one')).toMatchObject({ state: 'ready', restarts: 1, pid: waits }));
  });

  it('leaves neither of the two when it is stopped', async () => {
    await standing('one');
    await until(() => expect(notes()).toHaveLength(2));
    await runner.stop(['one']);
    const pids = notes().map((note) => Number(note.split(':')[1]));
    await until(() => expect(pids.map(processStartTime)).toEqual([null, null]));
  });
});

describe('stopping', () => {
  it('goes in the given order, each after the one before it has ended', async () => {
    for (const name of ['a', 'b', 'c']) await runner.run(part(name, noteStop(name) + READY + STAY));
    await runner.stop(['c', 'a', 'b']);
    expect(readFileSync(path.join(dir, 'stops'), 'utf8')).toBe('c a b ');
    expect(Object.values(runner.states).map(({ state, pid }) => [state, pid])).toEqual(Array.from({ length: 3 }, () => ['stopped', null]));
  });

  it('kills what does not listen, with everything it has started', async () => {
    const child = `import { spawn } from 'node:child_process'; const child = spawn('sleep', ['600']); console.log(child.pid);`;
    await runner.run(part('deaf', `${child} process.on('SIGTERM', () => {}); ${READY + STAY}`, { stopMs: 100 }));
    const grandchild = Number(readFileSync(path.join(dir, 'deaf.log'), 'utf8').split('\n')[0]);
    expect(processStartTime(grandchild)).not.toBeNull();
    await runner.stop(['deaf']);
    await until(() => expect(processStartTime(grandchild)).toBeNull());
  });

  it('does not start again a part that was waiting for its next try', async () => {
    void runner.run(part('bad', `process.exit(1);`));
    await until(() => expect(stateOf('bad')?.last_exit).not.toBeNull());
    await runner.stop(['bad']);
    expect(stateOf('bad')).toMatchObject({ state: 'stopped', pid: null });
  });
});

describe('the shell guard', () => {
  it('ends a program that ignores its stdin when the pipe closes, and passes on its exit code', async () => {
    const guarded = withShellGuard(process.execPath, ['-e', `process.on('SIGTERM', () => process.exit(7)); ${READY + STAY}`]);
    await runner.run(part('guarded', '', guarded));
    const pid = pidOf('guarded');
    await runner.stop(['guarded']);
    expect(stateOf('guarded')?.last_exit).toMatchObject({ code: 7 });
    expect(processStartTime(pid)).toBeNull();
  });
});
