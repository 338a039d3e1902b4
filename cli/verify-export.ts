/** Checks an exported audit log by itself: no store, no API, only the public keys and, better, checkpoints that were kept elsewhere. */
import { exportLine, type ChainEntry } from '#contract/audit-chain.ts';
import type { PublicKey } from '#contract/decision.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import { JsonSchema, type Json } from '#contract/json.ts';
import { AuditHeadSchema, type AuditHead } from '#contract/security.ts';
import { z } from '#contract/zod.ts';
import { headFault, LogWalk, type Check, type NamedHead } from './verify-log.ts';

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const LinkSchema = z.strictObject({
  stream: z.literal(AUDIT_STREAM),
  offset: z.int(),
  at: z.int(),
  data: JsonSchema,
  prev: Hex64,
  hash: Hex64,
});
const HeadLine = z.strictObject({ head: AuditHeadSchema });

/** In: an export, the ring, checkpoints from elsewhere. Out: a check of the chain, of the checkpoints, and of the head that it ends with. */
export function checkExport(text: string, ring: readonly PublicKey[], checkpoints: readonly NamedHead[] = []): Check[] {
  const lines = text.split('\n');
  // Behind the last line end stands nothing.
  const isWhole = lines.at(-1) === '';
  if (isWhole) lines.pop();
  const head = isWhole ? headOf(lines.at(-1)) : null;
  if (head !== null) lines.pop();
  const walk = new LogWalk(checkpoints, ring);
  for (const [index, line] of lines.entries()) {
    const entry = entryOf(line);
    if (entry === null) return [{ name: 'audit chain', ok: false, count: index, bad: `line ${index + 1} is no entry of the audit log` }];
    walk.push(entry);
    if (walk.isBroken) break;
  }
  return [...walk.checks(), headCheck(head, walk, ring)];
}

/** Null for what is not written exactly as an export is: two texts must not pass for one log. */
function entryOf(line: string): ChainEntry | null {
  const parsed = LinkSchema.safeParse(parse(line));
  return parsed.success && exportLine(parsed.data) === line ? parsed.data : null;
}

function headOf(line: string | undefined): AuditHead | null {
  const parsed = HeadLine.safeParse(parse(line ?? ''));
  return parsed.success && exportLine(parsed.data) === line ? parsed.data.head : null;
}

function parse(line: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null; // no JSON is no entry
  }
}

function headCheck(head: AuditHead | null, walk: LogWalk, ring: readonly PublicKey[]): Check {
  const bad =
    head === null ? 'the last line is no head: the export is not whole' : headFault({ name: 'the last line', head }, walk.last, ring);
  return { name: 'signed head', ok: bad === null, count: 1, bad };
}
