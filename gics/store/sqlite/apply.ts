import { GimoError } from '#contract/errors.ts';
import { GICS_LIMITS, type Collection, type GicsOpResult } from '#contract/gics.ts';
import type { Json } from '#contract/json.ts';
import { parseObject, type StoreOp } from '../store.ts';
import type { RecordTable } from './records.ts';
import type { StreamTable } from './streams.ts';

export type Tables = { records: RecordTable; streams: StreamTable };
/** `appended` collects the streams that grew; a step that is rolled back later only causes a needless look. */
type Context = Tables & { at: number; appended: Set<string>; index: number };
type RecordOp = Exclude<StoreOp, { op: 'append' | 'check_count' }>;

function conflict(index: number, rev: number, more: Record<string, Json> = {}): GimoError {
  return new GimoError('GICS_CONFLICT', { data: { index, rev, ...more } });
}

function refuseLarge(json: string): void {
  const sizeBytes = Buffer.byteLength(json);
  if (sizeBytes <= GICS_LIMITS.recordBytes) return;
  throw new GimoError('BODY_TOO_LARGE', { data: { size: sizeBytes, limit: GICS_LIMITS.recordBytes } });
}

/** Out: the present revision. Throws: GICS_CONFLICT when it is not the one that the step names. */
function expectRev(context: Context, step: RecordOp): number {
  const rev = context.records.rev(step.collection, step.id);
  if (step.rev !== undefined && step.rev !== rev) throw conflict(context.index, rev);
  return rev;
}

function put(context: Context, step: Extract<StoreOp, { op: 'put' }>): number {
  refuseLarge(step.json);
  // Whether the rest is JSON is a constraint of the table.
  if (!step.json.startsWith('{')) throw new GimoError('BAD_REQUEST', { message: 'The value of a record is a JSON object.' });
  const rev = expectRev(context, step);
  return context.records.put({ collection: step.collection, id: step.id, rev }, step.json, context.at);
}

function patch(context: Context, step: Extract<StoreOp, { op: 'patch' }>): number {
  const set = parseObject(step.json);
  if (set === null) throw new GimoError('BAD_REQUEST', { message: '`set` of a patch is a JSON object.' });
  const rev = expectRev(context, step);
  const record = context.records.get(step.collection, step.id);
  const value = record === null ? null : parseObject(record.json);
  if (value === null) throw conflict(context.index, rev);
  const present = step.below === undefined ? undefined : value[step.below.field];
  if (step.below !== undefined && typeof present === 'number' && present >= step.below.value) return 0;
  const json = JSON.stringify({ ...value, ...set });
  refuseLarge(json);
  return context.records.put({ collection: step.collection, id: step.id, rev }, json, context.at);
}

function remove(context: Context, collection: Collection, id: string): number {
  context.records.remove(collection, id);
  return 0;
}

function append(context: Context, step: Extract<StoreOp, { op: 'append' }>): GicsOpResult {
  for (const item of step.items) refuseLarge(item.json);
  context.appended.add(step.stream);
  return { offsets: context.streams.append(step.stream, step.items, context.at) };
}

function checkCount(context: Context, step: Extract<StoreOp, { op: 'check_count' }>): GicsOpResult {
  const count = context.records.count(step.collection, step.where ?? {});
  if (count >= step.below) throw conflict(context.index, 0, { count });
  return { rev: 0 };
}

function applyRecordOp(context: Context, step: RecordOp): number {
  if (step.op === 'put') return put(context, step);
  if (step.op === 'patch') return patch(context, step);
  const rev = expectRev(context, step);
  return step.op === 'check' ? rev : remove(context, step.collection, step.id);
}

function applyOp(context: Context, step: StoreOp): GicsOpResult {
  if (step.op === 'append') return append(context, step);
  return step.op === 'check_count' ? checkCount(context, step) : { rev: applyRecordOp(context, step) };
}

/** Apply the steps in order, inside a transaction of the caller's. Throws at the first that does not hold; undoing is the caller's. */
export function applyOps(tables: Tables, ops: StoreOp[], appended: Set<string>): GicsOpResult[] {
  const at = Date.now();
  return ops.map((step, index) => applyOp({ ...tables, at, appended, index }, step));
}
