/** The store of a data directory for a command that reads it: the one that runs, else one that is started for that long. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { connectGics, type GicsClient } from '#gics/client.ts';
import type { DataPaths } from '#platform/paths.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { Environment, Settings } from './settings.ts';

const DAEMON = path.join(import.meta.dirname, '..', 'gics', 'main.ts');
const TIMEOUT_MS = 5000;

/** Waits: until the work is done, and a store that was started for it has ended. Throws: CliFailure when there is none to open. */
export async function withStore<T>(config: Settings['config'], env: Environment, work: (gics: GicsClient) => Promise<T>): Promise<T> {
  const { gicsUrl, gicsToken, paths } = config;
  const isOurs = gicsUrl === `unix:${paths.gicsSocket}`;
  const daemon = isOurs && !(await answers(paths.gicsSocket)) ? await startDaemon(paths, env) : null;
  const gics = connectGics(gicsUrl, { token: gicsToken, timeoutMs: TIMEOUT_MS });
  try {
    return await work(gics);
  } finally {
    await gics.close();
    if (daemon !== null) await stop(daemon);
  }
}

/** A store that was killed leaves its socket behind. */
async function answers(file: string): Promise<boolean> {
  const socket = connect(file);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // nobody listens there
  } finally {
    socket.destroy();
  }
}

/** It holds the lock of the data directory, so that nothing else can write there meanwhile. */
async function startDaemon(paths: DataPaths, env: Environment): Promise<ChildProcess> {
  if (!existsSync(paths.gics)) throw unavailable(`There is no store in ${paths.data}: name the data directory of an instance with --data.`);
  const child = spawn(process.execPath, [DAEMON], { env: { ...env, GIMO_DATA_DIR: paths.data }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = textOf(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"ready":true')) continue;
    child.stdout.resume();
    return child;
  }
  throw unavailable(`The store of ${paths.data} cannot be opened: ${(await said).trim()}`);
}

const unavailable = (sentence: string): CliFailure => new CliFailure(EXIT.unavailable, sentence);

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  if (child.exitCode === null) await ended;
}
