import { AUDIT_STREAM, GICS_LIMITS, type Gics } from '#contract/gics.ts';
import type { RouteId } from '#contract/routes/index.ts';
import type { ApprovalStats } from '#contract/routes/stats.ts';
import type { AuditEntry } from './commit.ts';

const HOUR_MS = 3_600_000;
const LOOKED_THROUGH = 50_000;
const VERDICTS: Partial<Record<RouteId, 'approved' | 'rejected'>> = {
  drafts_approve: 'approved',
  drafts_reject: 'rejected',
  gates_approve: 'approved',
  gates_reject: 'rejected',
};

type Decided = { entry: AuditEntry; verdict: 'approved' | 'rejected' };

/** Decisions of the last hours, from the audit log. Throws: GICS_UNAVAILABLE. */
export async function approvalStats(gics: Pick<Gics, 'read' | 'info'>, hours: number): Promise<ApprovalStats> {
  const since = new Date(Date.now() - hours * HOUR_MS).toISOString();
  const { decided, partial } = await readDecided(gics, since);
  const people = Map.groupBy(decided, ({ entry }) => entry.actor);
  const byPerson = [...people].map(([actor, own]) => ({ actor, name: own[0]?.entry.by_name ?? null, ...loadOf(own) }));
  return { since, ...loadOf(decided), by_person: byPerson.toSorted((a, b) => b.decisions - a.decisions), partial };
}

async function readDecided(gics: Pick<Gics, 'read' | 'info'>, since: string): Promise<{ decided: Decided[]; partial: boolean }> {
  const decided: Decided[] = [];
  const { last } = await gics.info(AUDIT_STREAM);
  const lowest = Math.max(0, last - LOOKED_THROUGH);
  for (let from = last; from > lowest;) {
    const batch = await gics.read<AuditEntry>(AUDIT_STREAM, { from, limit: GICS_LIMITS.streamReadLimit, tailFirst: true });
    for (const { data: entry } of batch) {
      if (entry.at < since) return { decided, partial: false };
      const verdict = VERDICTS[entry.action as RouteId];
      if (verdict !== undefined && entry.outcome === 'done') decided.push({ entry, verdict });
    }
    from = (batch.at(-1)?.offset ?? 1) - 1;
  }
  return { decided, partial: lowest > 0 };
}

function loadOf(decided: readonly Decided[]): Omit<ApprovalStats, 'since' | 'by_person' | 'partial'> {
  const views = decided.flatMap(({ entry }) => (typeof entry.detail?.['viewed_ms'] === 'number' ? [entry.detail['viewed_ms']] : []));
  const hours = Map.groupBy(decided, ({ entry }) => Math.floor(Date.parse(entry.at) / HOUR_MS));
  const approved = decided.filter(({ verdict }) => verdict === 'approved').length;
  return {
    decisions: decided.length,
    approved,
    rejected: decided.length - approved,
    most_per_hour: Math.max(0, ...[...hours.values()].map((own) => own.length)),
    median_view_ms: medianOf(views),
    views_unknown: decided.length - views.length,
  };
}

function medianOf(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
