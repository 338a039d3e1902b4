import { COLLECTIONS, type Collection, type Where } from '#contract/gics.ts';
import { GimoError } from '#contract/errors.ts';

type Scalar = string | number | boolean | null;
export type Condition = { sql: string; params: (string | number)[] };

/** json_extract gives 1 for `true` as for 1, so the type of a number or boolean is compared beside the (indexed) value. */
function scalarCondition(field: string, value: Scalar): Condition {
  const at = `json_extract(value, '$.${field}')`;
  if (value === null) return { sql: `${at} IS NULL`, params: [] };
  if (typeof value === 'string') return { sql: `${at} = ?`, params: [value] };
  if (typeof value === 'boolean') return { sql: `(${at} = ? AND json_type(value, '$.${field}') = '${value}')`, params: [value ? 1 : 0] };
  return { sql: `(${at} = ? AND json_type(value, '$.${field}') IN ('integer', 'real'))`, params: [value] };
}

function fieldCondition(field: string, wanted: Scalar | Scalar[]): Condition {
  if (!Array.isArray(wanted)) return scalarCondition(field, wanted);
  const texts = wanted.filter((value) => typeof value === 'string');
  const others = wanted.filter((value) => typeof value !== 'string').map((value) => scalarCondition(field, value));
  const parts = texts.length === 0 ? [] : [`json_extract(value, '$.${field}') IN (${texts.map(() => '?').join(', ')})`];
  parts.push(...others.map((part) => part.sql));
  return { sql: parts.length === 0 ? '0' : `(${parts.join(' OR ')})`, params: [...texts, ...others.flatMap((part) => part.params)] };
}

/** The SQL for `collection` and `where`. The collection is literal text, or the planner would not use the partial indexes. Throws: BAD_REQUEST. */
export function whereSql(collection: Collection, where: Where): Condition {
  const indexed: readonly string[] = COLLECTIONS[collection];
  const parts: Condition[] = [{ sql: `collection = '${collection}'`, params: [] }];
  for (const [field, wanted] of Object.entries(where)) {
    if (!indexed.includes(field)) {
      throw new GimoError('BAD_REQUEST', { message: `Field ${JSON.stringify(field)} of ${collection} is not indexed.` });
    }
    parts.push(fieldCondition(field, wanted));
  }
  return { sql: parts.map((part) => part.sql).join(' AND '), params: parts.flatMap((part) => part.params) };
}
