/** Finds the instance that the demo works with, or starts one. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadySchema, type Ready } from '#contract/ready.ts';
import type { DemoOptions } from './demo-command.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { Session } from './session.ts';
import { readSettings, type Environment, type Settings } from './settings.ts';

export type OwnChild = { stop: () => Promise<void>; ended: Promise<void> };
/** `child` null: it was running before. */
export type OwnStack = { url: string; env: Environment; child: OwnChild | null };

const SUPERVISOR = path.join(import.meta.dirname, '..', 'supervisor', 'main.ts');
const POLL_MS = 200;
const PROBE_TIMEOUT_MS = 3000;
/** A first start may have to build Temporal. */
const READY_TIMEOUT_MS = 20 * 60_000;
const STOP_TIMEOUT_MS = 10_000;

/** Waits: until every part is ready, 20 minutes at most. Throws: CliFailure with what to do. */
export async function bringUp(session: Session, options: DemoOptions): Promise<OwnStack> {
  const env = demoEnvironment(session, options);
  const settings = readSettings(session.options, env);
  const ready = await probe(settings.url);
  const isStarting = (settings.start?.sentence() ?? null) !== null;
  if (ready !== null || isStarting) return joinRunning(session, settings, env);
  if (session.options.url !== undefined) throw new CliFailure(EXIT.unavailable, `Nothing answers at ${settings.url}: npm start there.`);
  const repo = await checkRepository(settings.config.repo);
  session.terminal.note(`Starting GIMO for ${repo}`);
  const child = startSupervisor({ ...env, GIMO_REPO: repo });
  const url = await waitReady(settings, session, env, child);
  return { url, env, child: child.own };
}

function demoEnvironment(session: Session, options: DemoOptions): Environment {
  const given: Environment = { ...session.env };
  if (session.options.data !== undefined) given['GIMO_DATA_DIR'] = session.options.data;
  if (options.port !== undefined) given['GIMO_PORT'] = options.port;
  if (options.repo !== undefined) given['GIMO_REPO'] = options.repo;
  return given;
}

async function joinRunning(session: Session, settings: Settings, env: Environment): Promise<OwnStack> {
  const { url, instance, config } = settings;
  if (settings.tokens.length === 0)
    throw new CliFailure(
      EXIT.refused,
      `GIMO runs at ${url} with another data directory: name it with --data, or choose another port with --port.`,
    );
  const repo = await checkRepository(instance?.repo ?? config.repo);
  session.terminal.note(`Using the GIMO at ${url}, which works on ${repo}`);
  // One that begins has to tell itself when it fails: nothing would ever answer here.
  if ((await settings.start?.untilUp((sentence) => session.terminal.note(sentence))) === false && (await probe(url)) === null)
    throw new CliFailure(EXIT.unavailable, 'GIMO ended before it was up; what `npm start` printed says why.');
  await waitReady(settings, session, env, null);
  return { url, env, child: null };
}

/** Throws: CliFailure when there is no git repository with a commit. */
async function checkRepository(folder: string): Promise<string> {
  try {
    await git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD']);
    return realpathSync(await git(folder, ['rev-parse', '--show-toplevel']));
  } catch (error) {
    const sentence = `${folder} is no git repository with a commit: go to one, name one with --repo, or run \`git init && git commit --allow-empty -m first\`.`;
    throw new CliFailure(EXIT.failed, sentence, { cause: error });
  }
}

function git(cwd: string, argv: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', argv, { cwd }, (error, stdout) =>
      error === null ? resolve(stdout.trim()) : reject(new Error('git failed', { cause: error })),
    );
  });
}

/** Out: what /ready says, null when nothing (or something else) answers. */
async function probe(url: string): Promise<Ready | null> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return ReadySchema.safeParse(await response.json()).data ?? null;
  } catch {
    return null; // nobody there, or not GIMO
  }
}

type Started = { process: ChildProcess; own: OwnChild };

/** Its steps go to stderr. A group of its own, so that Ctrl-C can mean less than stop; it ends with this process, since it sees its launcher go. */
function startSupervisor(env: Environment): Started {
  const child = spawn(process.execPath, [SUPERVISOR], {
    stdio: ['ignore', 2, 2],
    detached: true,
    env: { ...env, GIMO_LAUNCHER_PID: String(process.pid) },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  };
  return { process: child, own: { stop, ended } };
}

async function waitReady(settings: Settings, session: Session, env: Environment, started: Started | null): Promise<string> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let last: Ready | null = null;
  while (Date.now() < deadline) {
    if (started !== null && hasEnded(started.process))
      throw new CliFailure(EXIT.unavailable, 'GIMO did not come up; its last words stand above.');
    const { url } = started === null ? settings : readSettings(session.options, env);
    last = await probe(url);
    if (last?.ready === true) return url;
    await sleep(POLL_MS);
  }
  await started?.own.stop();
  const bad = Object.entries(last?.parts ?? {}).flatMap(([name, part]) => (part.ok ? [] : [`${name}: ${part.detail}`]));
  throw new CliFailure(EXIT.unavailable, `GIMO is not ready: ${bad.join('; ') || 'it does not answer'}.`);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}
