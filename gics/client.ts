/** The client of GICS: the only file of this folder that others import. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { errorCode } from '#contract/errors.ts';
import {
  GICS_LIMITS,
  type Collection,
  type Gics,
  type GicsOp,
  type GicsOpResult,
  type GicsRecord,
  type ListPage,
  type ListQuery,
  type StopSignal,
  type StreamEntry,
  type Where,
} from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { BlobClient } from './client-blobs.ts';
import { Link, type LinkLog } from './link.ts';
import { decodeEntry, decodeRecord, encodeOp } from './store/store.ts';
import { TAIL_PARK_MS } from './tails.ts';
import { parseAddress, type Answers, type Method } from './wire.ts';

export type ConnectOptions = { token?: string | null; timeoutMs?: number; log?: LinkLog };
/** What the daemon does for its operator beside the storage protocol. */
export type GicsMaintenance = {
  /** Copy everything that cannot be made again into a new folder on the daemon's machine. Throws: CONFLICT when `target` exists. */
  backup(target: string): Promise<Answers['backup']>;
  /** Check the database, the audit chain, every stream and every blob. */
  verify(): Promise<Answers['verify']>;
};
export type GicsClient = Gics & GicsMaintenance;

const DEFAULT_TIMEOUT_MS = 10_000;
const TAIL_TIMEOUT_MS = TAIL_PARK_MS + 10_000;
const MAINTENANCE_TIMEOUT_MS = 3600_000;
const TIME_DIGITS = 9;

/** Random, with the time in front, so that the daemon's index of them grows at one end. */
const newTxnId = (): string => `${Date.now().toString(36).padStart(TIME_DIGITS, '0')}-${randomUUID()}`;

/**
 * A client of the daemon at `url` (`unix:<path>` or `tcp://host:port`). It connects with the first call and again whenever the connection breaks;
 * calls without an answer are sent again within their timeout, and a transaction never applies twice. Throws: BAD_REQUEST for a bad address.
 */
export function connectGics(url: string, options: ConnectOptions = {}): GicsClient {
  const link = new Link({ address: parseAddress(url), token: options.token ?? null, log: options.log });
  return new SocketClient(link, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
}

class SocketClient implements GicsClient {
  readonly #link: Link;
  readonly #timeoutMs: number;
  readonly #blobs: BlobClient;

  constructor(link: Link, timeoutMs: number) {
    this.#link = link;
    this.#timeoutMs = timeoutMs;
    this.#blobs = new BlobClient(link, timeoutMs);
  }

  async get<T = JsonObject>(collection: Collection, id: string): Promise<GicsRecord<T> | null> {
    const [record] = await this.#call('get', { collection, ids: [id] });
    return record ? decodeRecord<T>(record) : null;
  }

  async getMany<T = JsonObject>(collection: Collection, ids: string[]): Promise<(GicsRecord<T> | null)[]> {
    const found: (GicsRecord<T> | null)[] = [];
    while (found.length < ids.length) {
      const part = ids.slice(found.length, found.length + GICS_LIMITS.listLimit);
      for (const record of await this.#call('get', { collection, ids: part })) found.push(record === null ? null : decodeRecord<T>(record));
    }
    return found;
  }

  async list<T = JsonObject>(collection: Collection, query: ListQuery = {}): Promise<ListPage<T>> {
    const page = await this.#call('list', {
      collection,
      query: { ...query, limit: query.limit && Math.min(query.limit, GICS_LIMITS.listLimit) },
    });
    return { records: page.records.map((record) => decodeRecord<T>(record)), cursor: page.cursor };
  }

  count(collection: Collection, where: Where = {}): Promise<number> {
    return this.#call('count', { collection, where });
  }

  txn(ops: GicsOp[]): Promise<GicsOpResult[]> {
    return this.#call('txn', { txn_id: newTxnId(), ops: ops.map(encodeOp) });
  }

  async read<T = Json>(stream: string, options: Parameters<Gics['read']>[1] = {}): Promise<StreamEntry<T>[]> {
    const limit = Math.min(options.limit ?? GICS_LIMITS.streamReadLimit, GICS_LIMITS.streamReadLimit);
    const entries = await this.#call('read', { stream, ...options, limit });
    return entries.map((entry) => decodeEntry<T>(entry));
  }

  info(stream: string): Promise<Answers['info']> {
    return this.#call('info', { stream });
  }

  async *tail<T = Json>(stream: string, options: { from: number; signal: StopSignal }): AsyncGenerator<StreamEntry<T>, void, undefined> {
    const stop = new AbortController();
    const onStop = (): void => stop.abort();
    options.signal.addEventListener('abort', onStop);
    try {
      let from = Math.max(1, options.from);
      while (!options.signal.aborted && !this.#link.isClosed) {
        for (const entry of await this.#nextEntries(stream, from, stop.signal)) {
          // The reader may have stopped while it held the entry before.
          if (stop.signal.aborted) return;
          yield decodeEntry<T>(entry);
          from = entry.offset + 1;
        }
      }
    } finally {
      options.signal.removeEventListener('abort', onStop);
    }
  }

  async dropStream(stream: string): Promise<void> {
    await this.#call('drop_stream', { stream });
  }

  putBlob(bytes: Uint8Array): Promise<{ sha256: string; size: number }> {
    return this.#blobs.put(bytes);
  }

  /** `range` is like that of slice: `end` is not included. Throws: BLOB_CORRUPT. */
  getBlob(sha256: string, range?: { start: number; end: number }): Promise<Uint8Array | null> {
    return this.#blobs.get(sha256, range);
  }

  statBlob(sha256: string): Promise<{ size: number } | null> {
    return this.#blobs.stat(sha256);
  }

  dropBlob(sha256: string): Promise<void> {
    return this.#blobs.drop(sha256);
  }

  status(): Promise<Answers['status']> {
    return this.#call('status', {});
  }

  backup(target: string): Promise<Answers['backup']> {
    return this.#link.call('backup', { target: path.resolve(target) }, { timeoutMs: MAINTENANCE_TIMEOUT_MS });
  }

  verify(): Promise<Answers['verify']> {
    return this.#link.call('verify', {}, { timeoutMs: MAINTENANCE_TIMEOUT_MS });
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  #call<M extends Method>(method: M, params: unknown): Promise<Answers[M]> {
    return this.#link.call(method, params, { timeoutMs: this.#timeoutMs });
  }

  /** A tail outlives the daemon: without an answer it asks again, until its reader stops or the client is closed. */
  async #nextEntries(stream: string, from: number, signal: AbortSignal): Promise<Answers['tail']> {
    try {
      return await this.#link.call('tail', { stream, from, limit: GICS_LIMITS.streamReadLimit }, { timeoutMs: TAIL_TIMEOUT_MS, signal });
    } catch (error) {
      if (errorCode(error) !== 'GICS_UNAVAILABLE') throw error;
      return [];
    }
  }
}
