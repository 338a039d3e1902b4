import { randomUUID } from 'node:crypto';
import type { Collection, GicsOp, GicsOpResult, ListQuery } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { decodeEntry, decodeRecord, encodeOp, type ReadOptions, type Store } from './store.ts';

/** The store with values instead of JSON text, and a fresh id for each transaction. */
export type EasyStore = {
  txn: (...ops: GicsOp[]) => Promise<GicsOpResult[]>;
  get: (collection: Collection, id: string) => Promise<JsonObject | null>;
  ids: (collection: Collection, query?: ListQuery) => Promise<string[]>;
  data: (stream: string, options?: ReadOptions) => Promise<Json[]>;
};

export function easyStore(store: Store): EasyStore {
  return {
    txn: (...ops) => store.txn(randomUUID(), ops.map(encodeOp)),
    get: async (collection, id) => {
      const [record] = await store.get(collection, [id]);
      return record ? decodeRecord<JsonObject>(record).value : null;
    },
    ids: async (collection, query = {}) => (await store.list(collection, query)).records.map((record) => record.id),
    data: async (stream, options = {}) => (await store.read(stream, options)).map((entry) => decodeEntry<Json>(entry).data),
  };
}

/** Steps that tests write often. */
export const put = (id: string, value: JsonObject, rev?: number): GicsOp => ({ op: 'put', collection: 'runs', id, value, rev });
export const append = (stream: string, ...data: Json[]): GicsOp => ({ op: 'append', stream, items: data.map((item) => ({ data: item })) });
