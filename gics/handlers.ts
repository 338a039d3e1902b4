import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { GimoError } from '#contract/errors.ts';
import type { BlobStore } from './blobs.ts';
import type { Params } from './requests.ts';
import type { Store } from './store/store.ts';
import { Tails } from './tails.ts';
import { decodeError, type Answers, type Method, type WireError } from './wire.ts';

/** The methods that need a connection's own state are answered by the connection. */
type HandledMethod = Exclude<Method, 'hello'>;
/** `signal` ends a call that may wait long; `ready` waits until earlier answers of the same connection have left. */
export type Call = { signal: AbortSignal; ready: () => Promise<void> };
export const DETACHED: Call = { signal: new AbortController().signal, ready: async () => undefined };
export type Handlers = { [M in HandledMethod]: (params: Params<M>, call: Call) => Promise<Answers[M]> };
export type HandlerParts = { store: Store; blobs: BlobStore; version: string; dataDir: string; requireSpace: () => void };

const TOOL = path.join(import.meta.dirname, 'tool.ts');
const TOOL_OUTPUT_BYTES = 16 * 1024 * 1024;
const run = promisify(execFile);

/** Backup and verify read everything, so they run in a process of their own: the daemon goes on answering. Throws: the coded error of the tool. */
async function runTool<T>(dataDir: string, args: string[], signal: AbortSignal): Promise<T> {
  const command = run(process.execPath, [TOOL, ...args, '--data', dataDir], { maxBuffer: TOOL_OUTPUT_BYTES, signal });
  const stdout = await command.then((output) => output.stdout, outputOfFailure);
  const answer = JSON.parse(stdout) as T | { error: WireError };
  if (typeof answer === 'object' && answer !== null && 'error' in answer) throw decodeError(answer.error);
  return answer;
}

/** A tool that found something wrong says so on stdout and exits with a code. */
function outputOfFailure(error: unknown): string {
  const stdout = typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : '';
  if (stdout === '') throw new GimoError('INTERNAL', { message: 'The tool of the store failed.', cause: error });
  return stdout;
}

async function done(work: Promise<void>): Promise<null> {
  await work;
  return null;
}

/** Every method of GICS over one store and one blob folder. Out: the handlers, and a function that wakes parked tails for good. */
export function createHandlers(parts: HandlerParts): { handlers: Handlers; close: () => void } {
  const { store, blobs } = parts;
  const tails = new Tails(store);
  const startedAt = Date.now();
  const handlers: Handlers = {
    get: ({ collection, ids }) => store.get(collection, ids),
    list: ({ collection, query }) => store.list(collection, query),
    count: ({ collection, where }) => store.count(collection, where),
    txn: ({ txn_id, ops }) => store.txn(txn_id, ops),
    read: ({ stream, ...options }) => store.read(stream, options),
    tail: (params, call) => tails.next(params, call),
    info: ({ stream }) => store.info(stream),
    drop_stream: ({ stream }) => done(store.dropStream(stream)),
    blob_part: async (part) => {
      parts.requireSpace();
      return done(blobs.writePart(part));
    },
    blob_finish: ({ upload, sha256 }) => blobs.finish(upload, sha256),
    blob_stat: ({ sha256 }) => blobs.stat(sha256),
    blob_read: async ({ sha256, start, end, verify }) => {
      if (verify && (await blobs.stat(sha256)) !== null) await blobs.verify(sha256);
      return blobs.read(sha256, start, end);
    },
    blob_drop: ({ sha256 }) => done(blobs.drop(sha256)),
    status: async () => ({
      version: parts.version,
      uptime_s: Math.floor((Date.now() - startedAt) / 1000),
      ...(await store.stats()),
      blobs: await blobs.stats(),
    }),
    backup: ({ target }, { signal }) => runTool(parts.dataDir, ['backup', target], signal),
    verify: (_params, { signal }) => runTool(parts.dataDir, ['verify'], signal),
  };
  return { handlers, close: () => tails.close() };
}
