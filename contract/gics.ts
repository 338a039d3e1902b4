/**
 * The storage protocol of GICS: records with revisions, transactions over records and streams, append-only streams, blobs.
 * Collections and their indexed fields are data here, so that the daemon and its clients share one list.
 */
import type { Json, JsonObject } from './json.ts';

/** The part of AbortSignal that is needed here; this folder also runs where that type does not exist. */
export type StopSignal = {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

/** Fields named here can be used in `where`; records are listed by id, newest (largest id) first unless asked otherwise. */
export const COLLECTIONS = {
  drafts: ['status'],
  approved: ['draft_id', 'grant_id'],
  grants: [],
  runs: ['status', 'archived', 'approved_id', 'priority'],
  gates: ['status', 'run_id'],
  decisions: ['subject_id'],
  ledger: ['run_id', 'state'],
  slots: [],
  segments: ['run_id'],
  outbox: ['run_id'],
  cancels: [],
  ended: [],
  sessions: [],
  login_codes: [],
  tokens: ['hash'],
  source_locks: [],
  idempotency: [],
  settings: [],
  spending: [],
  agents: ['name'],
  delegations: ['agent_id', 'parent_run_id'],
  snapshots: ['run_id'],
  processes: ['worker'],
  webhooks: ['name'],
  deliveries: ['webhook_id', 'status'],
  chats: [],
  spawns: ['draft_id'],
} as const satisfies Record<string, readonly string[]>;

export type Collection = keyof typeof COLLECTIONS;

export type GicsRecord<T = JsonObject> = { id: string; rev: number; value: T; created_at: number; updated_at: number };

/**
 * One step of a transaction. All steps commit together or none does; the first that does not hold fails the whole
 * with GICS_CONFLICT and `data: {index, rev}`. `rev: 0` means "must not exist"; without `rev` the write is unconditional.
 * `patch` merges top-level fields into an existing record; with `below` it is skipped (not failed) when the record's
 * numeric field is not below the value, so that late writers cannot turn a projection back.
 */
export type GicsOp =
  | { op: 'check'; collection: Collection; id: string; rev: number }
  | { op: 'check_count'; collection: Collection; where?: Where; below: number }
  | { op: 'put'; collection: Collection; id: string; value: JsonObject; rev?: number }
  | { op: 'patch'; collection: Collection; id: string; set: JsonObject; below?: { field: string; value: number }; rev?: number }
  | { op: 'delete'; collection: Collection; id: string; rev?: number }
  | { op: 'append'; stream: string; items: AppendItem[] };

/** An item with a `key` that the stream already holds is dropped silently: appends are safe to repeat. */
export type AppendItem = { key?: string; data: Json };

/** Result of each step, in order: the new revision of a record (0 = deleted or skipped), or the offsets of appended items. */
export type GicsOpResult = { rev: number } | { offsets: (number | null)[] };

/** Equality, or membership when the value is a list. Only indexed fields may be named. */
export type Where = Record<string, string | number | boolean | null | (string | number | boolean | null)[]>;

export type ListQuery = { where?: Where; limit?: number; cursor?: string; order?: 'asc' | 'desc' };
/** `cursor` is the id to go on from, null at the end. */
export type ListPage<T = JsonObject> = { records: GicsRecord<T>[]; cursor: string | null };

/** An entry of a stream. Offsets start at 1 and have no gaps. `at` is the daemon's clock in ms. Chained streams carry hashes. */
export type StreamEntry<T = Json> = { offset: number; at: number; key: string | null; data: T; prev?: string; hash?: string };

export type StreamInfo = { stream: string; first: number; last: number; hash: string | null };

/** Streams whose name starts with one of these are hash-chained: hash = SHA-256 of the canonical {stream, offset, at, data, prev}. */
export const CHAINED_STREAMS = ['audit'] as const;
export const CHAIN_GENESIS = '0'.repeat(64);

export function isChained(stream: string): boolean {
  return CHAINED_STREAMS.some((name) => stream === name || stream.startsWith(`${name}/`));
}

/** Names of the streams of one run. */
export const runStreams = {
  events: (runId: string): string => `run/${runId}/events`,
  output: (runId: string, node: string): string => `run/${runId}/output/${node}`,
};
/** One line per cancelled run: workers tail it, because heartbeats deliver a cancel seconds late. */
export const CANCEL_STREAM = 'cancel';
export const AUDIT_STREAM = 'audit';
export const COST_STREAM = 'cost';
/** Those entries of the audit stream that concern credentials and lockdowns, for whoever watches these. */
export const SECURITY_STREAM = 'security';

export const GICS_LIMITS = {
  frameBytes: 16 * 1024 * 1024,
  recordBytes: 8 * 1024 * 1024,
  blobBytes: 256 * 1024 * 1024,
  blobChunkBytes: 1024 * 1024,
  listLimit: 1000,
  streamReadLimit: 1000,
  txnOps: 2000,
} as const;

export type GicsStatus = {
  version: string;
  schema: number;
  uptime_s: number;
  records: Record<string, number>;
  streams: number;
  blobs: { count: number; bytes: number };
  db_bytes: number;
};

/** What every client of GICS can do. All calls wait at most their timeout (default 10 s) and throw GICS_UNAVAILABLE after it. */
export type Gics = {
  get<T = JsonObject>(collection: Collection, id: string): Promise<GicsRecord<T> | null>;
  getMany<T = JsonObject>(collection: Collection, ids: string[]): Promise<(GicsRecord<T> | null)[]>;
  list<T = JsonObject>(collection: Collection, query?: ListQuery): Promise<ListPage<T>>;
  count(collection: Collection, where?: Where): Promise<number>;
  txn(ops: GicsOp[]): Promise<GicsOpResult[]>;
  read<T = Json>(stream: string, options?: { from?: number; limit?: number; tailFirst?: boolean }): Promise<StreamEntry<T>[]>;
  info(stream: string): Promise<StreamInfo>;
  /** Entries from `from` on, then live ones as they are committed. Survives reconnects without loss or repeat. Ends with the signal. */
  tail<T = Json>(stream: string, options: { from: number; signal: StopSignal }): AsyncIterable<StreamEntry<T>>;
  /** Removes streams whose run is archived and expired, with everything in them. */
  dropStream(stream: string): Promise<void>;
  putBlob(bytes: Uint8Array): Promise<{ sha256: string; size: number }>;
  getBlob(sha256: string, range?: { start: number; end: number }): Promise<Uint8Array | null>;
  statBlob(sha256: string): Promise<{ size: number } | null>;
  dropBlob(sha256: string): Promise<void>;
  status(): Promise<GicsStatus>;
  close(): Promise<void>;
};
