/** Runs one child process to its end, and leaves nothing of it behind. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { GimoError } from '#contract/errors.ts';
import { StreamRedactor } from '#platform/redact.ts';
import { NOT_FOUND_PREFIX, programNotFound } from './launch.ts';
import { OutputKeeper } from './output.ts';
import { askToEnd, killTree, treeOf, type LimitHit, type ProcessTree, type TreeGroup } from './process-tree.ts';
import { EFFECT_VARIABLE } from './process-table.ts';

export type ProcessSpec = {
  /** What to start: usually the answer of fenceCommand. */
  file: string;
  args: string[];
  /** The whole environment; nothing is inherited. */
  env: Record<string, string>;
  /** Working folder of the started file (a fence sets that of the program itself). */
  cwd?: string;
  /** Identity of the effect: marks every process of the tree, so that it is found again. */
  effectId: string;
  /** The control group that what is started joins; it is removed at the end. */
  group?: TreeGroup | undefined;
  /** Given to the program and then closed; closed at once when left out. */
  stdin?: string | Buffer;
  timeoutMs?: number;
  /** How much of stdout and of stderr is kept in the result (1 MiB each). */
  keepBytes?: number;
  /** How much of both together is streamed to onChunk (16 MiB). */
  streamBytes?: number;
  /** Time between SIGTERM and SIGKILL (2 s). */
  graceMs?: number;
};

export type ProcessChunk = { stream: 'stdout' | 'stderr'; text: string; seq: number };

export type ProcessHooks = {
  signal?: AbortSignal;
  /** Called in order; a returned promise holds the program back until it is fulfilled. */
  onChunk?: (chunk: ProcessChunk) => void | Promise<void>;
  /** Takes over stdin instead of its being closed: for programs that one talks to. */
  onInput?: (stdin: Writable) => void;
  /** Called once, with what killRecorded needs. */
  onStart?: (started: { pid: number; startTime: string }) => void | Promise<void>;
};

export type ProcessResult = {
  /** null when it was ended by a signal or never started. Inside a fence, death by signal n shows as 128 + n. */
  exit_code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  duration_ms: number;
  truncated: boolean;
  timed_out: boolean;
  stopped: boolean;
  processes_left: number;
  /** The limit of its control group that something of it ran into. */
  limit_hit: LimitHit;
};

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type Exit = { code: number | null; signal: string | null };
type Output = { stdout: OutputKeeper; stderr: OutputKeeper; isCut: boolean; pending: number; received: number; drained: Promise<unknown> };
type Ending = 'exit' | 'timeout' | 'stop';

const MIB = 1024 * 1024;
const IDLE_MS = 1000;

async function startChild(spec: ProcessSpec): Promise<Child> {
  if (spec.cwd !== undefined && statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new GimoError('BAD_REQUEST', { message: `The working folder ${JSON.stringify(spec.cwd)} does not exist.` });
  }
  const child = spawn(spec.file, spec.args, {
    cwd: spec.cwd ?? '/',
    env: { ...spec.env, [EFFECT_VARIABLE]: spec.effectId },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program may end without reading its input.
  child.stdin.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      spec.group?.remove();
      reject(isMissing(error) ? programNotFound(spec.file) : error);
    });
  });
  return child;
}

const isMissing = ({ code = '' }: NodeJS.ErrnoException): boolean => ['ENOENT', 'EACCES', 'ENOTDIR'].includes(code);

/** Reads both outputs to their end. Rejects with what onChunk throws. */
function readOutput(child: Child, spec: ProcessSpec, onChunk: ProcessHooks['onChunk']): Output {
  const cap = spec.keepBytes ?? MIB;
  const keepers = { stdout: new OutputKeeper(cap), stderr: new OutputKeeper(cap) };
  const output: Output = { ...keepers, isCut: false, pending: 0, received: 0, drained: Promise.resolve() };
  let seq = 0;
  let room = spec.streamBytes ?? 16 * MIB;
  const emit = async (stream: 'stdout' | 'stderr', text: string): Promise<void> => {
    if (onChunk === undefined || text === '') return;
    if (room <= 0) {
      output.isCut = true;
      return;
    }
    room -= Buffer.byteLength(text);
    seq += 1;
    output.pending += 1;
    await onChunk({ stream, text, seq });
    output.pending -= 1;
  };
  const pump = async (name: 'stdout' | 'stderr'): Promise<void> => {
    const decoder = new StringDecoder('utf8');
    const redactor = new StreamRedactor();
    // Before anything is cut out of the output: half a secret could not be told from other text.
    const take = (text: string): Promise<void> => {
      output[name].add(Buffer.from(text));
      return emit(name, text);
    };
    for await (const bytes of child[name] as AsyncIterable<Buffer>) {
      output.received += 1;
      await take(redactor.push(decoder.write(bytes)));
    }
    await take(redactor.push(decoder.end()) + redactor.end());
  };
  output.drained = Promise.all([pump('stdout'), pump('stderr')]);
  // The failure is taken up by whoever awaits `drained`; until then it must not count as unhandled.
  output.drained.catch(() => undefined);
  return output;
}

/** What comes first: its own end, the time limit, or the abort. A failing hook counts as an abort. */
async function firstEnding(exit: Promise<Exit>, output: Output, spec: ProcessSpec, signal: AbortSignal | undefined): Promise<Ending> {
  const over = new AbortController();
  const stop = new Promise<Ending>((resolve) => {
    const onAbort = (): void => resolve('stop');
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true, signal: over.signal });
    output.drained.catch(onAbort);
  });
  const endings: Promise<Ending>[] = [exit.then(() => 'exit' as const), stop];
  if (spec.timeoutMs !== undefined) {
    endings.push(delay(spec.timeoutMs, 'timeout' as const, { signal: over.signal }).catch(() => 'exit' as const));
  }
  try {
    return await Promise.race(endings);
  } finally {
    over.abort();
  }
}

async function endTree(tree: ProcessTree, ending: Ending, graceMs: number): Promise<number> {
  if (ending !== 'exit') await askToEnd(tree, graceMs);
  return killTree(tree);
}

function checkFound(exit: Exit, stderr: string): void {
  if (exit.code !== 127 || !stderr.startsWith(NOT_FOUND_PREFIX)) return;
  throw programNotFound(stderr.slice(NOT_FOUND_PREFIX.length).trimEnd());
}

const NEVER_STARTED: ProcessResult = {
  exit_code: null,
  signal: null,
  stdout: '',
  stderr: '',
  duration_ms: 0,
  truncated: false,
  timed_out: false,
  stopped: true,
  processes_left: 0,
  limit_hit: null,
};

/**
 * Run a program to its end in its own process group and session.
 * Whatever the reason of the end (its own, time limit, abort), every process of its tree is then ended: SIGTERM, after `graceMs` SIGKILL,
 * then a look at the process table that proves it; `processes_left` counts what resisted (0 expected). A pid namespace (fence) or a control
 * group makes this complete; without both, a process that changed its session and wiped its environment and whose parent is gone cannot be found.
 * Waits: for the program, ≤ `timeoutMs` + `graceMs` + 7 s, and for onChunk. Throws: PROCESS_NOT_FOUND; BAD_REQUEST when the working folder is missing;
 * what a hook throws, after the tree was ended. A time limit or an abort is a result, not an error.
 */
export async function runProcess(spec: ProcessSpec, hooks: ProcessHooks = {}): Promise<ProcessResult> {
  const isTooLate = hooks.signal?.aborted === true;
  if (isTooLate) {
    spec.group?.remove();
    return NEVER_STARTED;
  }
  const startedAt = performance.now();
  const child = await startChild(spec);
  const exit = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  // The pid of a spawned child is known, and its row is there: an ended child is not collected before this turn of the loop is over.
  const tree = treeOf(child.pid ?? 0, spec.effectId, spec.group);
  const output = readOutput(child, spec, hooks.onChunk);
  let [ending, left]: [Ending, number] = ['stop', 0];
  try {
    await hooks.onStart?.({ pid: tree.pid, startTime: tree.startTime ?? '' });
    if (hooks.onInput === undefined) child.stdin.end(spec.stdin);
    else hooks.onInput(child.stdin);
    ending = await firstEnding(exit, output, spec, hooks.signal);
  } finally {
    left = await endTree(tree, ending, spec.graceMs ?? 2000);
  }
  await drain(child, output);
  const end = left === 0 ? await exit : { code: child.exitCode, signal: child.signalCode };
  const stdout = output.stdout.text();
  const stderr = output.stderr.text();
  if (ending === 'exit') checkFound(end, stderr.text);
  return {
    exit_code: end.code,
    signal: end.signal,
    stdout: stdout.text,
    stderr: stderr.text,
    duration_ms: Math.round(performance.now() - startedAt),
    truncated: stdout.truncated || stderr.truncated || output.isCut,
    timed_out: ending === 'timeout',
    stopped: ending === 'stop',
    processes_left: left,
    limit_hit: spec.group?.limitHit() ?? null,
  };
}

/**
 * Waits until all output was read and streamed. The tree is gone, so the pipes end by themselves; where something unfindable still holds
 * one, it is closed after a while in which nothing came. A slow hook is waited for: no line is lost because its receiver was busy.
 */
async function drain(child: Child, output: Output): Promise<void> {
  let seen = output.received;
  const timer = setInterval(() => {
    if (output.pending === 0 && output.received === seen) {
      child.stdout.destroy();
      child.stderr.destroy();
    }
    seen = output.received;
  }, IDLE_MS);
  try {
    await output.drained;
  } catch (error) {
    if (!isClosedByUs(error)) throw error;
  } finally {
    clearInterval(timer);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

const isClosedByUs = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
