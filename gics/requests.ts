/** What the daemon accepts, method by method. Unknown fields are refused. */
import { COLLECTIONS, GICS_LIMITS, type Collection } from '#contract/gics.ts';
import { z } from '#contract/zod.ts';
import type { Method } from './wire.ts';

const MAX_NAME = 512;
const name = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .refine((text) => text.isWellFormed(), 'is not well-formed text');
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const json = z.string();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const upload = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);
const bytes = z.instanceof(Uint8Array).refine((part) => part.length <= GICS_LIMITS.blobChunkBytes, 'is larger than a chunk may be');
const collection = z.custom<Collection>((value) => typeof value === 'string' && Object.hasOwn(COLLECTIONS, value), 'is no collection');
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const where = z.record(z.string(), z.union([scalar, z.array(scalar).max(GICS_LIMITS.listLimit)]));
const target = { collection, id: name };
const rev = whole.optional();

const StoreOpSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('check'), ...target, rev: whole }),
  z.strictObject({ op: z.literal('check_count'), collection, where: where.optional(), below: whole }),
  z.strictObject({ op: z.literal('put'), ...target, json, rev }),
  z.strictObject({ op: z.literal('patch'), ...target, json, below: z.strictObject({ field: name, value: z.number() }).optional(), rev }),
  z.strictObject({ op: z.literal('delete'), ...target, rev }),
  z.strictObject({ op: z.literal('append'), stream: name, items: z.array(z.strictObject({ key: name.optional(), json })) }),
]);

const ListQuerySchema = z.strictObject({
  where: where.optional(),
  limit: z.number().int().min(1).max(GICS_LIMITS.listLimit).optional(),
  cursor: name.optional(),
  order: z.enum(['asc', 'desc']).optional(),
});

const readLimit = z.number().int().min(1).max(GICS_LIMITS.streamReadLimit);
const nothing = z.strictObject({});

export const REQUESTS = {
  hello: z.strictObject({ token: z.string().nullable() }),
  get: z.strictObject({ collection, ids: z.array(name).max(GICS_LIMITS.listLimit) }),
  list: z.strictObject({ collection, query: ListQuerySchema }),
  count: z.strictObject({ collection, where }),
  txn: z.strictObject({ txn_id: name, ops: z.array(StoreOpSchema).max(GICS_LIMITS.txnOps) }),
  read: z.strictObject({ stream: name, from: whole.optional(), limit: readLimit.optional(), tailFirst: z.boolean().optional() }),
  tail: z.strictObject({ stream: name, from: whole, limit: readLimit }),
  info: z.strictObject({ stream: name }),
  drop_stream: z.strictObject({ stream: name }),
  blob_part: z.strictObject({ upload, offset: whole, bytes }),
  blob_finish: z.strictObject({ upload, sha256 }),
  blob_stat: z.strictObject({ sha256 }),
  /** With `verify` the whole blob is hashed first: for ranges, whose reader cannot do it. */
  blob_read: z.strictObject({ sha256, start: whole, end: whole, verify: z.boolean() }),
  blob_drop: z.strictObject({ sha256 }),
  status: nothing,
  backup: z.strictObject({ target: z.string().min(1) }),
  verify: nothing,
} as const satisfies Record<Method, z.ZodType>;

export type Params<M extends Method> = z.infer<(typeof REQUESTS)[M]>;

export function isMethod(value: unknown): value is Method {
  return typeof value === 'string' && Object.hasOwn(REQUESTS, value);
}

/** [id, method, params], or [id, 'cancel'] to take a parked request back. */
export const EnvelopeSchema = z.tuple([whole, z.string()]).rest(z.unknown());
