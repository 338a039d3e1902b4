/**
 * What a storage engine of GICS must do. `conformance.ts` is the same promise as tests.
 * Values travel as JSON text, so that a read costs neither a parse nor a stringify in the daemon.
 */
import type {
  AppendItem,
  Collection,
  GicsOp,
  GicsOpResult,
  GicsRecord,
  ListQuery,
  StreamEntry,
  StreamInfo,
  Where,
} from '#contract/gics.ts';
import { isJsonObject, type Json, type JsonObject } from '#contract/json.ts';

export type StoredRecord = Omit<GicsRecord, 'value'> & { json: string };
export type StoredEntry = Omit<StreamEntry, 'data'> & { json: string };
export type StoredPage = { records: StoredRecord[]; cursor: string | null };

type PutOp = Extract<GicsOp, { op: 'put' }>;
type PatchOp = Extract<GicsOp, { op: 'patch' }>;
/** A step of a transaction as it travels and as engines take it: values are JSON text. */
export type StoreOp =
  | Extract<GicsOp, { op: 'check' | 'check_count' | 'delete' }>
  | (Omit<PutOp, 'value'> & { json: string })
  | (Omit<PatchOp, 'set'> & { json: string })
  | { op: 'append'; stream: string; items: { key?: string; json: string }[] };

export type ReadOptions = { from?: number; limit?: number; tailFirst?: boolean };
export type StoreStats = { schema: number; records: Record<string, number>; streams: number; db_bytes: number };

export type Store = {
  /** In the order of `ids`, null where there is none. Ends early (fewer than asked) before the answer outgrows PAGE_BYTES. */
  get(collection: Collection, ids: string[]): Promise<(StoredRecord | null)[]>;
  /** May return fewer than `limit` (PAGE_BYTES); only `cursor: null` means the end. */
  list(collection: Collection, query: ListQuery): Promise<StoredPage>;
  count(collection: Collection, where: Where): Promise<number>;
  /**
   * All steps or none; answered after they are on disk. A repeated `txnId` within TXN_MEMORY_MS of its success gets the first results
   * and changes nothing. Throws: GICS_CONFLICT {index, rev}, GICS_FULL, BODY_TOO_LARGE, GICS_CORRUPT.
   */
  txn(txnId: string, ops: StoreOp[]): Promise<GicsOpResult[]>;
  /** Entries from `from` on, or, with `tailFirst`, newest first from `from` (default: the end) down. May return fewer than `limit`. */
  read(stream: string, options: ReadOptions): Promise<StoredEntry[]>;
  info(stream: string): Promise<StreamInfo>;
  dropStream(stream: string): Promise<void>;
  /** The listener gets the names of streams that may have grown, after the commit. Out: a function that ends it. */
  onAppend(listener: (streams: ReadonlySet<string>) => void): () => void;
  stats(): Promise<StoreStats>;
  /** Commits what is queued, then lets go of everything. */
  close(): Promise<void>;
};

/** Largest sum of values in one answer of `get`, `list` or `read`; a single larger value still travels alone. */
export const PAGE_BYTES = 8 * 1024 * 1024;
export const DEFAULT_LIST_LIMIT = 100;
/** How long the result of a transaction is remembered for a client that lost the answer. */
export const TXN_MEMORY_MS = 10 * 60_000;

const toJson = (value: unknown): string => JSON.stringify(value) ?? 'null';
const encodeItem = (item: AppendItem): { key?: string; json: string } =>
  item.key === undefined ? { json: toJson(item.data) } : { key: item.key, json: toJson(item.data) };

export function encodeOp(step: GicsOp): StoreOp {
  if (step.op === 'put') {
    const { value, ...rest } = step;
    return { ...rest, json: toJson(value) };
  }
  if (step.op === 'patch') {
    const { set, ...rest } = step;
    return { ...rest, json: toJson(set) };
  }
  return step.op === 'append' ? { op: 'append', stream: step.stream, items: step.items.map(encodeItem) } : step;
}

export function decodeRecord<T>(stored: StoredRecord): GicsRecord<T> {
  const { json, ...rest } = stored;
  return { ...rest, value: JSON.parse(json) as T };
}

export function decodeEntry<T>(stored: StoredEntry): StreamEntry<T> {
  const { json, ...rest } = stored;
  return { ...rest, data: JSON.parse(json) as T };
}

export const parseJson = (json: string): Json => JSON.parse(json) as Json;

/** Null when the text is not a JSON object. */
export function parseObject(json: string): JsonObject | null {
  try {
    const value = parseJson(json);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
