/** Sums over the cost stream: one entry for each model call. */
import { COST_STREAM } from '#contract/gics.ts';
import type { Cost } from '#contract/routes/records.ts';
import { addCost } from '#contract/run-state.ts';
import type { Core } from '../deps.ts';
import { loadRun } from './run-view.ts';

const DAY_MS = 24 * 3_600_000;
const PAGE = 1000;
/** Read at once at most; older calls are left out, and the answer says so. */
const MAX_ENTRIES = 20_000;

type CostEntry = { run_id: string; provider: string; model: string | null; cost_usd: number | null; tokens: number | null; at: string };

/** Entries from the newest back to `since`. */
async function readEntries(core: Core, since: string): Promise<{ entries: CostEntry[]; isPartial: boolean }> {
  const entries: CostEntry[] = [];
  let { last } = await core.gics.info(COST_STREAM);
  while (last >= 1 && entries.length < MAX_ENTRIES) {
    const from = Math.max(1, last - PAGE + 1);
    const page = await core.gics.read<CostEntry>(COST_STREAM, { from, limit: last - from + 1 });
    const kept = page.map(({ data }) => data).filter(({ at }) => at >= since);
    entries.push(...kept);
    if (kept.length < page.length) return { entries, isPartial: false };
    last = from - 1;
  }
  return { entries, isPartial: last >= 1 };
}

type Sums = Pick<Cost, 'calls' | 'cost_usd' | 'tokens'>;

function sumOf(entries: CostEntry[]): Sums {
  return {
    calls: entries.length,
    cost_usd: entries.reduce<number | null>((sum, entry) => addCost(sum, entry.cost_usd), 0),
    tokens: entries.reduce<number | null>((sum, entry) => addCost(sum, entry.tokens), 0),
  };
}

function byModel(entries: CostEntry[]): Cost['by_model'] {
  const groups = Map.groupBy(entries, ({ provider, model }) => JSON.stringify([provider, model]));
  const rows = [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ provider: first.provider, model: first.model, ...sumOf(group) }];
  });
  return rows.toSorted((a, b) => b.calls - a.calls || a.provider.localeCompare(b.provider));
}

/** Throws: NOT_FOUND for a run that does not exist. */
export async function readCost(core: Core, { run_id: runId, days }: { run_id?: string; days: number }): Promise<Cost> {
  const run = runId === undefined ? null : await loadRun(core, runId);
  const since = run === null ? new Date(Date.now() - days * DAY_MS).toISOString() : run.created_at;
  const { entries, isPartial } = await readEntries(core, since);
  const own = run === null ? entries : entries.filter((entry) => entry.run_id === run.id);
  return {
    ...sumOf(own),
    known_usd: own.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), 0),
    unknown_calls: own.filter(({ cost_usd }) => cost_usd === null).length,
    by_model: byModel(own),
    since: run === null ? since : null,
    partial: isPartial,
  };
}
