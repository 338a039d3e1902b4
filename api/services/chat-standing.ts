/** What the chat reads before it says how things stand: what was named, else the counts, the last run, and what today cost. */
import { ID_PATTERNS } from '#contract/ids.ts';
import type { RunRecord } from '#contract/objects.ts';
import type { Message } from '../chat/words.ts';
import type { Named, Standing } from '../chat/standing.ts';
import type { Core } from '../deps.ts';
import type { StoredDraft } from './drafts.ts';
import { readCost } from './cost.ts';
import { getRun } from './run-view.ts';

const MAX_NAMED = 5;
const CASE = /^([a-z]+_)(.*)$/;

/** Ids as they are stored, however they were typed. */
function idsOf({ ids }: Message): string[] {
  const stored = ids.map((id) => id.toLowerCase().replace(CASE, (_all, prefix: string, rest: string) => prefix + rest.toUpperCase()));
  return [...new Set(stored)].filter((id) => ID_PATTERNS.run.test(id) || ID_PATTERNS.draft.test(id)).slice(0, MAX_NAMED);
}

async function readNamed(core: Core, id: string): Promise<Named> {
  if (ID_PATTERNS.draft.test(id)) {
    const draft = await core.gics.get<StoredDraft>('drafts', id);
    return draft === null ? { id, is: 'nothing' } : { id, is: 'draft', title: draft.value.plan?.title ?? null, status: draft.value.status };
  }
  if ((await core.gics.get('runs', id)) === null) return { id, is: 'nothing' };
  const { title, status, paused, waiting, nodes, error } = await getRun(core, id);
  return { id, is: 'run', title, status, paused, waiting, nodes, error: error?.message ?? null };
}

/** The runs and drafts that the message names, in its order. */
export async function namedIn(core: Core, message: Message): Promise<Named[]> {
  return Promise.all(idsOf(message).map((id) => readNamed(core, id)));
}

/** Waits: for GICS. */
export async function standingOf(core: Core): Promise<Standing> {
  const { gics } = core;
  const [running, pending, drafts, gates, newest, cost] = await Promise.all([
    gics.count('runs', { status: 'running' }),
    gics.count('runs', { status: 'pending' }),
    gics.count('drafts', { status: 'draft' }),
    gics.count('gates', { status: 'open' }),
    gics.list<RunRecord>('runs', { limit: 1 }),
    readCost(core, { days: 1 }),
  ]);
  const [last] = newest.records;
  const { known_usd: usd, unknown_calls: unknown, calls } = cost;
  return {
    running,
    pending,
    drafts,
    gates,
    last: last === undefined ? null : await readNamed(core, last.id),
    cost: { usd, unknown, calls },
  };
}
