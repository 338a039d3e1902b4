/** The launcher in a clone of its own, with a lock file that asks for nothing, so that a real `npm ci` takes a second. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { processStartTime, signalProcess } from '#platform/processes.ts';

const BIN = path.join(import.meta.dirname, '../../bin');
let clone: string;
let started: ChildProcess[];

beforeEach(() => {
  clone = mkdtempSync(path.join(os.tmpdir(), 'gimo-clone-'));
  started = [];
  cpSync(BIN, path.join(clone, 'bin'), { recursive: true });
  writeLock('1.0.0');
  writeFileSync(
    path.join(clone, 'script.ts'),
    `const code: number = Number(process.argv[2] ?? 0);\nconsole.log('ran', process.cwd());\nprocess.exit(code);\n`,
  );
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(clone, { recursive: true, force: true });
});

/** The parent of the launcher that runs a script. */
function shellOf(pid: number): number {
  const parentOf = (child: number): number => Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(child)], { encoding: 'utf8' }));
  return parentOf(parentOf(pid));
}

function writeLock(version: string): void {
  const own = { name: 'clone', version, type: 'module' };
  writeFileSync(path.join(clone, 'package.json'), JSON.stringify(own));
  writeFileSync(
    path.join(clone, 'package-lock.json'),
    JSON.stringify({ ...own, lockfileVersion: 3, requires: true, packages: { '': own } }),
  );
}

function launch(argv: string[], env: Record<string, string> = {}) {
  const cache = path.join(clone, 'cache');
  const child = spawn(process.execPath, [path.join(clone, 'bin', 'run.mjs'), ...argv], {
    cwd: os.tmpdir(),
    env: { ...process.env, XDG_CACHE_HOME: cache, ...env },
  });
  started.push(child);
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const ended = once(child, 'close').then(([code]: unknown[]) => ({ code, ...said }));
  return { child, said, ended };
}

describe('bin/run.mjs', () => {
  it('installs once, again when the lock file has changed, and then says nothing of its own', async () => {
    const first = await launch(['script.ts']).ended;
    expect(first).toMatchObject({ code: 0, out: `ran ${os.tmpdir()}\n` });
    expect(first.err).toMatch(/^… installing the packages of this clone.*\n(?:… installing, \d+ s\n)*✓ packages installed \d+ s\n$/);
    expect(await launch(['script.ts', '3']).ended).toEqual({ code: 3, out: `ran ${os.tmpdir()}\n`, err: '' });
    writeLock('1.0.1');
    expect((await launch(['script.ts']).ended).err).toContain('installing');
  });

  it('lets two starts of a fresh clone install only once', async () => {
    const both = await Promise.all([launch(['script.ts']).ended, launch(['script.ts']).ended]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ err }) => err.includes('packages installed'))).toHaveLength(1);
    expect(existsSync(path.join(clone, 'node_modules', '.gimo-lock'))).toBe(true);
  });

  it('does not wait for the lock of an install that was killed', async () => {
    const lockDir = path.join(clone, 'cache', 'gimo');
    mkdirSync(lockDir, { recursive: true });
    const { lockFile } = await import(path.join(clone, 'bin', 'install-lock.mjs'));
    writeFileSync(path.join(lockDir, path.basename(lockFile(clone))), '2147483646');
    expect(await launch(['script.ts']).ended).toMatchObject({ code: 0 });
  });

  it('says in npm’s words why packages cannot be installed', async () => {
    writeFileSync(path.join(clone, 'package-lock.json'), '{ broken');
    const { code, err } = await launch(['script.ts']).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/The packages could not be installed \(npm ci ended with 1\)/);
  });

  it('names a script that does not exist', async () => {
    expect(await launch(['none.ts']).ended).toMatchObject({ code: 1, err: expect.stringContaining(`There is no none.ts in ${clone}.`) });
  });

  it('passes a signal on once and exits with the code of the script', async () => {
    const script = `let count = 0;\nprocess.on('SIGTERM', () => { count += 1; setTimeout(() => process.exit(40 + count), 200); });\nconsole.log('up');\nsetInterval(() => {}, 1000);\n`;
    writeFileSync(path.join(clone, 'script.ts'), script);
    const { child, said, ended } = launch(['script.ts']);
    while (!said.out.includes('up')) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 41 });
  });

  it('ends the script when npm is gone, whose shell passes no signal on', async () => {
    const own = { name: 'clone', version: '1.0.0', type: 'module', scripts: { start: 'node bin/run.mjs script.ts' } };
    writeFileSync(path.join(clone, 'package.json'), JSON.stringify(own));
    const script = `process.on('SIGTERM', () => process.exit(0));\nsetInterval(() => {}, 1000);\nconsole.log('pid', process.pid);\n`;
    writeFileSync(path.join(clone, 'script.ts'), script);
    // The empty clone brings no Node, so npm must find the one at hand.
    const PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`;
    const npm = spawn('npm', ['start'], { cwd: clone, env: { ...process.env, PATH, XDG_CACHE_HOME: path.join(clone, 'cache') } });
    started.push(npm);
    let said = '';
    for (const stream of [npm.stdout, npm.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    await vi.waitFor(() => expect(said).toMatch(/pid \d+\n/), { timeout: 60_000, interval: 50 });
    const pid = Number(/pid (\d+)/.exec(said)?.[1]);
    npm.kill('SIGKILL');
    signalProcess(shellOf(pid), 'SIGKILL');
    await vi.waitFor(() => expect(processStartTime(pid)).toBeNull(), { timeout: 20_000, interval: 50 });
  });

  it('marks what it has installed with the hash of the lock file', async () => {
    await launch(['script.ts']).ended;
    const before = readFileSync(path.join(clone, 'node_modules', '.gimo-lock'), 'utf8');
    writeLock('2.0.0');
    await launch(['script.ts']).ended;
    expect(readFileSync(path.join(clone, 'node_modules', '.gimo-lock'), 'utf8')).not.toBe(before);
  });
});
