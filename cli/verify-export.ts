/** Checks an exported audit log by itself: no store, no API, only the public keys. */
import { verifyAuditHead, verifyChain, type ChainEntry } from '#contract/audit-chain.ts';
import type { PublicKey } from '#contract/decision.ts';
import { AUDIT_STREAM, CHAIN_GENESIS } from '#contract/gics.ts';
import { isJsonObject, JsonSchema, type Json } from '#contract/json.ts';
import { AuditHeadSchema, type AuditHead } from '#contract/security.ts';
import { z } from '#contract/zod.ts';
import type { Check } from './verify-checks.ts';

const LinkSchema = z.object({
  stream: z.literal(AUDIT_STREAM),
  offset: z.int(),
  at: z.int(),
  data: JsonSchema,
  prev: z.string(),
  hash: z.string(),
});

/** In: the lines of an export, the ring. Out: one check of the chain and one of the signed head. */
export function checkExport(text: string, ring: readonly PublicKey[]): Check[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const entries: ChainEntry[] = [];
  let head: AuditHead | null = null;
  for (const [index, line] of lines.entries()) {
    const value = parseLine(line);
    const parsed = index === lines.length - 1 ? AuditHeadSchema.safeParse(isJsonObject(value) ? value['head'] : null) : null;
    if (parsed?.success) head = parsed.data;
    else {
      const link = LinkSchema.safeParse(value);
      if (!link.success) return [chainCheck(entries.length, `line ${index + 1} is no entry of the audit log`)];
      entries.push(link.data);
    }
  }
  return [chainCheck(entries.length, chainFault(entries)), headCheck(head, entries, ring)];
}

function parseLine(line: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null; // no JSON is no entry
  }
}

const chainCheck = (count: number, bad: string | null): Check => ({ name: 'audit chain', ok: bad === null, count, bad });

function chainFault(entries: ChainEntry[]): string | null {
  if (entries[0] !== undefined && entries[0].offset !== 1) return 'it does not begin with entry 1';
  const { first_bad: at } = verifyChain(entries, CHAIN_GENESIS);
  return at === null ? null : `entry ${at} does not follow from the entries before it`;
}

function headCheck(head: AuditHead | null, entries: ChainEntry[], ring: readonly PublicKey[]): Check {
  const bad = headFault(head, entries.at(-1), ring);
  return { name: 'signed head', ok: bad === null, count: 1, bad };
}

function headFault(head: AuditHead | null, last: ChainEntry | undefined, ring: readonly PublicKey[]): string | null {
  if (head === null) return 'the last line is no head: the export is not whole';
  if (head.seq !== (last?.offset ?? 0) || head.hash !== (last?.hash ?? CHAIN_GENESIS))
    return `it is that of entry ${head.seq}, not of the last one here`;
  return verifyAuditHead(head, ring) ? null : 'its signature is by no key of the ring';
}
