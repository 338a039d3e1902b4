/** The lockdown of an instance, and the entries of its audit log. */
import { z } from './zod.ts';

const Time = z.iso.datetime();

export const PanicSchema = z.object({
  /** While it is true nothing is changed; stops, sign-in and the end of the lockdown still work. */
  active: z.boolean(),
  /** `hand`: an admin set it; `threshold`: too many unknown tokens came from too many addresses. */
  cause: z.enum(['hand', 'threshold']).nullable(),
  reason: z.string(),
  at: Time.nullable(),
  by: z.string().nullable(),
  by_name: z.string().nullable(),
  resolved_at: Time.nullable(),
  resolved_by: z.string().nullable(),
});
export type Panic = z.output<typeof PanicSchema>;

/** What became of the stop of one run: `asked`, or the code of the refusal when it had been stopped or had ended before. */
export const StopAskedSchema = z.object({ run_id: z.string(), result: z.string() });
export type StopAsked = z.output<typeof StopAskedSchema>;

/** An entry of the audit log. `seq` counts without gaps; `hash` covers the entry and `prev`, the hash of the entry before it. */
export const AuditEntrySchema = z.object({
  seq: z.int(),
  at: z.string(),
  actor: z.string(),
  by_name: z.string().optional(),
  action: z.string(),
  object: z.string(),
  outcome: z.string(),
  code: z.string().optional(),
  correlation_id: z.string(),
  hash: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
  prev_hash: z.string().optional(),
  entry_hash: z.string().optional(),
});
export type AuditEntryView = z.output<typeof AuditEntrySchema>;

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/);

/** The end of the audit log, signed: kept elsewhere, it shows later that nothing before it was changed or taken away. */
export const AuditHeadSchema = z.strictObject({
  stream: z.string(),
  /** How many entries there were; `hash` is that of the last one in the chain. */
  seq: z.int().min(0),
  hash: Hex64,
  /** Root of the Merkle tree (RFC 9162) whose leaves are the hashes of all entries. */
  root: Hex64,
  at: Time,
  kid: z.string(),
  signature: z.string(),
});
export type AuditHead = z.output<typeof AuditHeadSchema>;

/** A head that is kept in a file. `peaks` are the whole subtrees behind its root: from them the tree goes on without its leaves. */
export const CheckpointSchema = z.strictObject({ head: AuditHeadSchema, peaks: z.array(Hex64).max(53) });
export type Checkpoint = z.output<typeof CheckpointSchema>;
