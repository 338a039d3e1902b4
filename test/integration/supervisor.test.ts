/** `npm start` with the real supervisor, Temporal and GICS; worker and API are small scripts. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectGics } from '#gics/client.ts';
import { readInstance, type Instance } from '#platform/instance.ts';
import { dataPaths } from '#platform/paths.ts';
import { isSameProcess, signalProcess, type ProcessName } from '#platform/processes.ts';
import { connectTemporal } from '#platform/temporal.ts';
import { choosePort } from '#supervisor/ports.ts';

const PROGRAM = path.join(import.meta.dirname, '../fixtures/stack.ts');
const PARTS = ['gics', 'temporal', 'worker', 'api'];
let dir: string;
let started: ChildProcess[];
/** Processes that a failing test would leave behind. */
let watched: ProcessName[];

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-stack-'));
  started = [];
  watched = [];
});
afterEach(async () => {
  await Promise.all(started.map((child) => stopped(child)));
  for (const name of watched.filter(isSameProcess)) signalProcess(name.pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

async function stopped(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  const [code]: unknown[] = await once(child, 'exit');
  return code;
}

type Event = { event: string; text?: string; url?: string; login_url?: string };

async function start(data: string, port?: number, env: Record<string, string> = {}) {
  const argv = [
    PROGRAM,
    path.join(dir, 'root'),
    '--json',
    '--data',
    path.join(dir, data),
    '--port',
    String(port ?? (await choosePort(null))),
  ];
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const events = (): Event[] =>
    said
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): Event => JSON.parse(line));
  const until = async (name: string): Promise<Event> =>
    vi.waitFor(
      () => {
        const found = events().find(({ event }) => event === name);
        if (found === undefined) throw new Error(`no "${name}" yet in:\n${said}`);
        return found;
      },
      { timeout: 60_000, interval: 50 },
    );
  return { child, events, until, exit: once(child, 'exit') };
}

function instanceOf(data: string): Instance {
  const instance = readInstance(dataPaths(path.join(dir, data)).instance);
  if (instance === null) throw new Error(`${data} has no instance.json`);
  return instance;
}

/** The processes of an instance, as instance.json names them. */
function processesOf(instance: Instance): ProcessName[] {
  return Object.values(instance.parts).flatMap(({ pid, start_time }) => (pid !== null && start_time !== null ? [{ pid, start_time }] : []));
}

const statesOf = (instance: Instance): string[] => PARTS.map((name) => `${name} ${instance.parts[name]?.state}`);
const ALL_READY = PARTS.map((name) => `${name} ready`);

describe('npm start', () => {
  // verifies: ARC-1, ARC-3
  it('brings everything up, gives a login code that GICS knows, and takes everything down with SIGINT', async () => {
    const { child, until, exit } = await start('one', undefined, { ORCH_ADMIN_TOKEN: 'a-token-of-the-administrator' });
    const up = await until('up');
    const instance = instanceOf('one');
    expect(statesOf(instance)).toEqual(ALL_READY);
    expect(instance).toMatchObject({ is_up: true, url: up.url, temporal_ui: `http://127.0.0.1:${instance.temporal_ui_port}` });
    const id = createHash('sha256')
      .update(up.login_url?.split('#login=')[1] ?? '')
      .digest('hex');
    const gics = connectGics(`unix:${dataPaths(path.join(dir, 'one')).gicsSocket}`);
    expect((await gics.get('login_codes', id))?.value).toMatchObject({ role: 'admin', used: false });
    await gics.close();
    const workerLog = readFileSync(path.join(dir, 'one', 'ops', 'logs', 'worker.log'), 'utf8');
    expect(workerLog).toContain('GIMO_TEMPORAL_ADDRESS');
    expect(workerLog).not.toMatch(/ORCH_\w+_TOKEN/);
    child.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    expect(processesOf(instance).filter(isSameProcess)).toEqual([]);
    expect(statesOf(instanceOf('one'))).toEqual(PARTS.map((name) => `${name} stopped`));
  });

  it('prepares the namespace: retention of the run TTL and a day, search attributes', async () => {
    const { until } = await start('one', undefined, { ORCH_OPS_RUN_TTL: '86400' });
    await until('up');
    const access = await connectTemporal({ temporalAddress: instanceOf('one').temporal_address, temporalNamespace: 'gimo' });
    const { config } = await access.connection.workflowService.describeNamespace({ namespace: 'gimo' });
    const { customAttributes } = await access.connection.operatorService.listSearchAttributes({ namespace: 'gimo' });
    await access.connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(2 * 86_400);
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['GimoStatus', 'GimoApproved', 'GimoWaiting']));
  });

  it('has every part back after kill -9 of it', async () => {
    const { until } = await start('one');
    await until('up');
    for (const name of PARTS) {
      const before = instanceOf('one').parts[name];
      signalProcess(before?.pid ?? 0, 'SIGKILL');
      await vi.waitFor(() => expect(instanceOf('one').parts[name]).toMatchObject({ state: 'ready', restarts: 1 }), {
        timeout: 20_000,
        interval: 20,
      });
    }
    expect(statesOf(instanceOf('one'))).toEqual(ALL_READY);
  });

  it('leaves no process behind when it is killed itself, and starts again on the same Temporal port', async () => {
    const first = await start('one');
    await first.until('up');
    const before = instanceOf('one');
    first.child.kill('SIGKILL');
    await first.exit;
    const again = await start('one');
    await again.until('up');
    expect(processesOf(before).filter(isSameProcess)).toEqual([]);
    expect(instanceOf('one').temporal_port).toBe(before.temporal_port);
  });

  it('ends the processes of a killed start even when nobody starts again', async () => {
    const { child, until, exit } = await start('one');
    await until('up');
    const left = processesOf(instanceOf('one'));
    expect(left).toHaveLength(4);
    watched = left;
    child.kill('SIGKILL');
    await exit;
    await vi.waitFor(() => expect(left.filter(isSameProcess)).toEqual([]), { timeout: 20_000, interval: 50 });
  });

  it('runs twice side by side, and refuses a second start on one data directory', async () => {
    const both = [await start('one'), await start('two')];
    await Promise.all(both.map(({ until }) => until('up')));
    const second = await start('one');
    expect((await second.until('error')).text).toBe(
      `GIMO already runs on ${path.join(dir, 'one')} at ${instanceOf('one').url}: \`npx gimo open\` opens it. To start anew, stop it first, or choose another directory with --data DIR.`,
    );
    expect(await second.exit).toEqual([1, null]);
    expect([statesOf(instanceOf('one')), statesOf(instanceOf('two'))]).toEqual([ALL_READY, ALL_READY]);
    expect(await Promise.all(both.map(({ child }) => stopped(child)))).toEqual([0, 0]);
  });

  it('gives up with one sentence when a part cannot be kept running, and leaves nothing running', async () => {
    const { until, exit } = await start('one', undefined, { BROKEN_WORKER: '1' });
    const { text } = await until('error');
    expect(text).toMatch(
      /^worker ended five times without becoming ready; its last words: "Error: no queue to poll" \(see .*worker\.log\)\.$/,
    );
    const parts = processesOf(instanceOf('one'));
    expect(await exit).toEqual([1, null]);
    expect(parts.filter(isSameProcess)).toEqual([]);
  });

  it('stops cleanly in the middle of its start', async () => {
    const { child, until, exit } = await start('one');
    await until('step');
    const begun = processesOf(instanceOf('one'));
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(begun.filter(isSameProcess)).toEqual([]);
  });
});
