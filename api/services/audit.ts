/** The audit log as it is read: pages, and an export that anybody can check without us. */
import { exportLine, type ChainEntry } from '#contract/audit-chain.ts';
import { AUDIT_STREAM, GICS_LIMITS, type Gics, type StreamEntry } from '#contract/gics.ts';
import type { AuditFilter } from '#contract/routes/audit.ts';
import type { AuditEntryView } from '#contract/security.ts';
import type { Core } from '../deps.ts';
import type { AuditEntry } from './commit.ts';
import type { PageRequest } from './drafts.ts';

/** So many entries are looked through for one page; then its cursor says where to go on. */
const LOOKED_THROUGH = 20_000;

type Page = { entries: AuditEntryView[]; next: string | null };
type Entry = StreamEntry<AuditEntry>;

function viewOf({ offset, data, prev, hash }: Entry): AuditEntryView {
  return { seq: offset, ...data, ...(prev === undefined || hash === undefined ? {} : { prev_hash: prev, entry_hash: hash }) };
}

function fits({ data }: Entry, filter: Omit<AuditFilter, keyof PageRequest>): boolean {
  const { since, until, ...equal } = filter;
  if ((since !== undefined && data.at < since) || (until !== undefined && data.at > until)) return false;
  return Object.entries(equal).every(([name, value]) => value === undefined || data[name as keyof typeof equal] === value);
}

/** Entries of a stream, newest first. `cursor` is the number to go on from; a page may be short, or empty, before the end is reached. */
export async function readEntries(
  gics: Pick<Gics, 'read' | 'info'>,
  stream: string,
  { limit, cursor, ...filter }: AuditFilter | PageRequest,
): Promise<Page> {
  const entries: AuditEntryView[] = [];
  let from = cursor === undefined ? (await gics.info(stream)).last : Number(cursor);
  const lowest = Math.max(0, from - LOOKED_THROUGH);
  while (from > lowest) {
    const batch = await gics.read<AuditEntry>(stream, { from, limit: GICS_LIMITS.streamReadLimit, tailFirst: true });
    if (batch.length === 0) break;
    for (const entry of batch) {
      from = entry.offset - 1;
      if (fits(entry, filter)) entries.push(viewOf(entry));
      if (entries.length === limit) return { entries, next: from === 0 ? null : String(from) };
    }
  }
  return { entries, next: from === 0 ? null : String(from) };
}

export function listAudit(core: Core, filter: AuditFilter): Promise<Page> {
  return readEntries(core.gics, AUDIT_STREAM, filter);
}

/** One line for each entry, oldest first, as it is chained; the last line is the signed head of exactly these. */
export async function* exportAudit(core: Core): AsyncGenerator<string> {
  const head = await core.checkpoints.head();
  let next = 1;
  while (next <= head.seq) {
    const batch = await core.gics.read(AUDIT_STREAM, { from: next, limit: GICS_LIMITS.streamReadLimit });
    const entries = batch.filter(({ offset }) => offset <= head.seq);
    if (entries.length === 0) break;
    yield entries.map((entry) => `${exportLine(linkOf(entry))}\n`).join('');
    next = (batch.at(-1)?.offset ?? head.seq) + 1;
  }
  yield `${exportLine({ head })}\n`;
}

/** No more than what the chain covers: what it does not could be changed unseen. */
function linkOf({ offset, at, data, prev = '', hash = '' }: StreamEntry): ChainEntry {
  return { stream: AUDIT_STREAM, offset, at, data, prev, hash };
}
