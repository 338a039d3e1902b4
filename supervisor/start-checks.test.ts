import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '#platform/config.ts';
import { processStartTime } from '#platform/processes.ts';
import { readArgs } from './args.ts';
import { checkMachine, repoWarning } from './checks.ts';
import { tryFileLock } from './file-lock.ts';
import { choosePort, refuseTakenPort } from './ports.ts';
import { prepareStart } from './prepare.ts';
import { createReporter } from './reporter.ts';
import { makeRepo } from '#test/helpers/repo.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-start-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function withTakenPort<T>(work: (port: number) => Promise<T>): Promise<T> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.close();
  }
}

async function prepare(env: Record<string, string>) {
  const all = { PATH: process.env['PATH'], GIMO_DATA_DIR: path.join(dir, 'data'), GIMO_PORT: String(await choosePort(null)), ...env };
  const said: string[] = [];
  return prepareStart(
    readConfig(all),
    all,
    createReporter(false, (line) => said.push(line)),
  );
}

describe('a start that cannot go on says in one sentence what to do', () => {
  it('when the port is taken', () =>
    withTakenPort(async (port) => {
      await expect(refuseTakenPort(port, '127.0.0.1')).rejects.toThrow(
        `Port ${port} on 127.0.0.1 is taken: stop the program that uses it, or choose another with \`npm start -- --port N\`.`,
      );
    }));

  it('when the data directory is a file', async () => {
    writeFileSync(path.join(dir, 'data'), '');
    await expect(prepare({})).rejects.toThrow(/^The data directory .*data cannot be written \(.*\): make it writable, or choose another/);
  });

  it('when its path is too long for sockets', async () => {
    await expect(prepare({ GIMO_DATA_DIR: path.join(dir, 'x'.repeat(100)) })).rejects.toThrow(/characters too long for the sockets in it/);
  });

  it('when instance.json is broken, and leaves the directory free', async () => {
    mkdirSync(path.join(dir, 'data', 'ops'), { recursive: true });
    const file = path.join(dir, 'data', 'ops', 'instance.json');
    writeFileSync(file, '{"pid":');
    await expect(prepare({})).rejects.toThrow(`${file} cannot be read: stop what still runs of this instance, delete the file`);
    rmSync(file);
    (await prepare({})).release();
  });

  it('when git is missing, or the repository', () => {
    const config = readConfig({ GIMO_REPO: path.join(dir, 'none') });
    expect(() => checkMachine(config, dir)).toThrow('git was not found: install it and start again.');
    expect(() => checkMachine(config, process.env['PATH'])).toThrow(`The repository ${path.join(dir, 'none')} does not exist`);
  });

  it('when an option is unknown', () => {
    expect(() => readArgs(['--prot', '1'])).toThrow("Unknown option '--prot'. See npm start -- --help.");
  });

  it('when a port is none', () => {
    expect(() => readArgs(['--port', '99999'])).toThrow('--port takes a number up to 65535, not `99999`.');
    expect(readArgs(['--port', '0'])).toMatchObject({ env: { GIMO_PORT: '0' } });
  });

  it('not when there is no repository, which is said', () => {
    expect(repoWarning({ repo: dir })).toContain('is no git repository with a commit, so plans that touch files will be refused');
    expect(repoWarning({ repo: makeRepo(path.join(dir, 'a repo')) })).toBeNull();
  });
});

describe('preparing a start', () => {
  it('remembers nothing yet, chooses three different ports, and refuses a second start on the directory', async () => {
    const first = await prepare({});
    const { port, temporal_port, temporal_ui_port } = first.instance;
    expect(new Set([port, temporal_port, temporal_ui_port]).size).toBe(3);
    await expect(prepare({})).rejects.toThrow(
      /^GIMO is already starting on .*stop it first, or choose another directory with --data DIR\.$/,
    );
    first.release();
    (await prepare({})).release();
  });

  it('keeps the wanted port when it is free and takes another when it is not', () =>
    withTakenPort(async (port) => {
      expect(await choosePort(port)).not.toBe(port);
      const free = await choosePort(null);
      expect(await choosePort(free)).toBe(free);
    }));
});

describe('a file lock', () => {
  it('is held once, is free after its release, and a dead holder does not keep it', () => {
    const file = path.join(dir, 'lock');
    const release = tryFileLock(file);
    expect(release).not.toBeNull();
    expect(tryFileLock(file)).toBeNull();
    release?.();
    writeFileSync(file, JSON.stringify({ pid: process.pid, start_time: `not ${processStartTime(process.pid)}` }));
    const again = tryFileLock(file);
    expect(again).not.toBeNull();
    again?.();
  });
});
