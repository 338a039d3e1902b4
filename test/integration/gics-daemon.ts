/** A GICS daemon as a real process, for tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectGics, type ConnectOptions, type GicsClient } from '#gics/client.ts';
import { dataPaths, type DataPaths } from '#platform/paths.ts';

const MAIN = path.resolve('gics/main.ts');
const TOOL = path.resolve('gics/tool.ts');

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stderr: string; stdout: string };

/** One data directory with a daemon that can be killed and started again, and its clients. Ends all of them when disposed. */
export class TestDaemon implements AsyncDisposable {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'gimo-gics-'));
  readonly paths: DataPaths = dataPaths(path.join(this.dir, 'data'));
  readonly #env: Record<string, string>;
  readonly #clients: GicsClient[] = [];
  #child: ChildProcess | null = null;
  url: string;

  constructor(env: Record<string, string> = {}) {
    this.#env = env;
    this.url = `unix:${this.paths.gicsSocket}`;
  }

  /** Waits: until the daemon says that it is ready. */
  async start(env: Record<string, string> = {}): Promise<this> {
    const child = this.spawn(env);
    this.#child = child;
    let text = '';
    // Leaving the loop must not close the pipe that the daemon logs to.
    for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
      text += String(chunk);
      const line = text.split('\n').find((each) => each.includes('"ready":true'));
      if (line === undefined) continue;
      this.url = (JSON.parse(line) as { url: string }).url;
      child.stdout?.resume();
      return this;
    }
    throw new Error('the daemon ended before it was ready');
  }

  spawn(more: Record<string, string> = {}): ChildProcess {
    const env = { PATH: process.env['PATH'], GIMO_DATA_DIR: this.paths.data, ...this.#env, ...more };
    return spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  client(options: ConnectOptions = {}): GicsClient {
    const client = connectGics(this.url, options);
    this.#clients.push(client);
    return client;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Waits: until the daemon is gone by itself. */
  async gone(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.signalCode === null && child.exitCode === null) await once(child, 'exit');
    this.#child = null;
  }

  async stop(signal: NodeJS.Signals): Promise<{ code: number | null }> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return { code: child?.exitCode ?? null };
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return { code: child.exitCode };
  }

  /** Run the tool of the store to its end. Out: its JSON answer. */
  async tool(...args: string[]): Promise<{ code: number | null; answer: Record<string, unknown> }> {
    const child = spawn(process.execPath, [TOOL, ...args, '--data', this.paths.data], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { code, stdout } = await ended(child);
    return { code, answer: JSON.parse(stdout) as Record<string, unknown> };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.stop('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Waits: until the process ends. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, stderr, stdout };
}
