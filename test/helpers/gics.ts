/** A real storage daemon on a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { connectGics, type GicsClient } from '#gics/client.ts';
import { dataPaths, type DataPaths } from '#platform/paths.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export type TestGics = {
  gics: GicsClient;
  url: string;
  dir: string;
  paths: DataPaths;
  /** kill -9. Waits: until it is gone. */
  kill: () => Promise<void>;
  /** Starts the daemon again after `kill`. */
  restart: () => Promise<void>;
  close: () => Promise<void>;
};

async function startDaemon(dataDir: string): Promise<ChildProcess> {
  const env = { ...process.env, GIMO_DATA_DIR: dataDir, GIMO_GICS_URL: '' };
  const { GIMO_GICS_URL: _unset, ...rest } = env;
  const child = spawn(process.execPath, [path.join(ROOT, 'gics/main.ts')], { env: rest, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('"ready":true')) return child;
  throw new Error('the daemon ended before it was ready');
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

/** In: how long its client waits for an answer. Waits: until the daemon answers. */
export async function startGics(options: { timeoutMs?: number } = {}): Promise<TestGics> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-gics-'));
  const paths = dataPaths(path.join(dir, 'data'));
  let child = await startDaemon(paths.data);
  const url = `unix:${paths.gicsSocket}`;
  const gics = connectGics(url, options);
  return {
    gics,
    url,
    dir,
    paths,
    kill: () => stop(child, 'SIGKILL'),
    restart: async () => {
      child = await startDaemon(paths.data);
    },
    close: async () => {
      await gics.close();
      await stop(child, 'SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
