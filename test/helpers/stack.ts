/** A whole instance as `npm start` makes it: real supervisor, Temporal, GICS, worker, API. Only the model may be a mock. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connectGics, type GicsClient } from '#gics/client.ts';
import { readInstance, type Instance } from '#platform/instance.ts';
import { dataPaths, type DataPaths } from '#platform/paths.ts';
import { isSameProcess, signalProcess } from '#platform/processes.ts';
import type { RoleTokens } from '#platform/tokens.ts';
import { choosePort } from '#supervisor/ports.ts';
import { ApiClient } from './api-client.ts';
import { setup as setupTemporal } from './have-temporal.ts';
import { makeRepo } from './repo.ts';
import { until } from './until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const UP_TIMEOUT_MS = 300_000;
/** Tests ask far more often than people do. */
const LIMITS = 'read=1000000,write=1000000,stop=1000000';

export type Part = 'temporal' | 'gics' | 'worker' | 'api';

export type Stack = {
  url: string;
  loginUrl: string;
  repo: string;
  paths: DataPaths;
  tokens: RoleTokens;
  admin: ApiClient;
  operator: ApiClient;
  actions: ApiClient;
  gics: GicsClient;
  instance: () => Instance;
  /** kill -9. Waits: until that process is gone. */
  kill: (part: Part) => Promise<void>;
  /** Waits: until a newer process of this part is ready. */
  back: (part: Part, pidBefore: number | null) => Promise<void>;
  close: () => Promise<void>;
};

type Event = { event: string; text?: string; url?: string; login_url?: string };

async function untilUp(child: ChildProcess): Promise<Event> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  let hasEnded = false;
  const up = await until(
    () => {
      const events = said
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line): Event => JSON.parse(line));
      const found = events.find(({ event }) => event === 'up');
      hasEnded = child.exitCode !== null;
      if (!found && !hasEnded) throw new Error(`not up yet:\n${said}`);
      return found;
    },
    { timeout: UP_TIMEOUT_MS, interval: 100 },
  );
  if (!up || hasEnded) throw new Error(`the supervisor ended with ${child.exitCode}:\n${said}`);
  return up;
}

/** In: more environment, and a repository (else a small one is made). Waits: until everything is ready, first build of Temporal included. */
export async function startStack(options: { env?: Record<string, string>; repo?: string } = {}): Promise<Stack> {
  await setupTemporal();
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-it-'));
  const repo = options.repo ?? makeRepo(path.join(dir, 'repo'));
  const data = path.join(dir, 'data');
  const port = await choosePort(null);
  const argv = [path.join(ROOT, 'supervisor/main.ts'), '--json', '--data', data, '--port', String(port), '--repo', repo];
  const child = spawn(process.execPath, argv, {
    cwd: dir,
    env: { ...process.env, GIMO_LIMITS: LIMITS, GIMO_STANDBY: '0', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const up = await untilUp(child);
  const paths = dataPaths(data);
  const tokens = JSON.parse(readFileSync(paths.tokens, 'utf8')) as RoleTokens;
  const url = up.url ?? '';
  const gics = connectGics(`unix:${paths.gicsSocket}`);
  const instance = (): Instance => {
    const found = readInstance(paths.instance);
    if (!found) throw new Error('the instance has no instance.json');
    return found;
  };
  return {
    url,
    loginUrl: up.login_url ?? '',
    repo,
    paths,
    tokens,
    admin: new ApiClient(url, tokens.admin),
    operator: new ApiClient(url, tokens.operator),
    actions: new ApiClient(url, tokens.actions),
    gics,
    instance,
    kill: (part) => killPart(instance(), part),
    back: (part, pidBefore) => partIsBack(instance, part, pidBefore),
    close: async () => {
      await gics.close();
      const exit = once(child, 'exit');
      if (child.exitCode === null) child.kill('SIGTERM');
      if (child.exitCode === null) await exit;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function killPart(instance: Instance, part: Part): Promise<void> {
  const state = instance.parts[part];
  if (!state?.pid || !state.start_time) throw new Error(`${part} has no process`);
  const name = { pid: state.pid, start_time: state.start_time };
  signalProcess(state.pid, 'SIGKILL');
  await until(
    () => {
      if (isSameProcess(name)) throw new Error(`${part} is still there`);
    },
    { timeout: 5000, interval: 20 },
  );
}

async function partIsBack(instance: () => Instance, part: Part, pidBefore: number | null): Promise<void> {
  await until(
    () => {
      const state = instance().parts[part];
      if (state?.state !== 'ready' || state.pid === pidBefore) throw new Error(`${part} is not back: ${JSON.stringify(state)}`);
    },
    { timeout: 60_000, interval: 50 },
  );
}
