/** A peer's worker, which is also its driver, as a process of its own: it is asked in lines of JSON (`workers/serve.mjs`). */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

type Answer = { id: number; ms?: number; error?: string };
type Waiting = { done: (ms: number) => void; fail: (error: Error) => void };

export class WorkerProcess {
  readonly #child: ChildProcess;
  #waiting = new Map<number, Waiting>();
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Waits: until it takes requests. */
  static async start(name: string, env: Record<string, string>): Promise<WorkerProcess> {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'workers', `${name}.mjs`)], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const worker = new WorkerProcess(child);
    const ready = new Promise<number>((done, fail) => worker.#waiting.set(0, { done, fail }));
    createInterface({ input: child.stdout }).on('line', (line) => worker.#hear(line));
    child.on('exit', () => worker.#failAll(new Error(`${name} has ended`)));
    await ready;
    return worker;
  }

  #hear(line: string): void {
    // Libraries say things too.
    if (!line.startsWith('{"id":')) return;
    const { id, ms, error } = JSON.parse(line) as Answer;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.done(ms ?? 0);
    else waiting?.fail(new Error(error));
  }

  #failAll(error: Error): void {
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
  }

  /** Out: how long it took, in ms. Throws: what the worker threw, or that it has ended. */
  ask(verb: string, ...args: (string | number)[]): Promise<number> {
    const id = this.#nextId++;
    const answer = new Promise<number>((done, fail) => this.#waiting.set(id, { done, fail }));
    this.#child.stdin?.write(`${JSON.stringify({ id, verb, args })}\n`);
    return answer;
  }

  /** kill -9, or the end of its input. Waits: until it is gone. */
  async end(how: 'kill' | 'stop'): Promise<void> {
    const exit = once(this.#child, 'exit');
    if (how === 'kill') this.#child.kill('SIGKILL');
    else this.#child.stdin?.end();
    await exit;
  }
}
