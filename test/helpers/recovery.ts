/** How soon runs move again after a process was killed. */
import { runStreams, type Gics, type StreamEntry } from '#contract/gics.ts';
import type { RunEvent } from '#contract/run-state.ts';
import type { Stack, Part } from './stack.ts';

const PAGE = 100;
/** Events are made durable a little after their own time. */
const SLACK_MS = 10_000;

export type Kill = { part: Part; at: number };
export type Recovery = { what: string; samples: number; p50: number; p95: number; p99: number; max: number };

/** kill -9. Out: when. Waits: until the part is ready again. */
export async function killAndWait(stack: Stack, part: Part): Promise<Kill> {
  const pid = stack.instance().parts[part]?.pid ?? null;
  const at = Date.now();
  await stack.kill(part);
  await stack.back(part, pid);
  return { part, at };
}

/**
 * Per run: ms until its first node event of a later time was durable; runs that had no further one are left out.
 * Counted from then, or, for a run that was in a `wait` of `napMs` then, from when that was over.
 */
export async function movedAfter(gics: Gics, runIds: readonly string[], at: number, napMs = 0): Promise<number[]> {
  const waits = await Promise.all(
    runIds.map(async (id) => {
      const events = await eventsAround(gics, id, at);
      const next = events.find(({ data }) => Date.parse(data.at) > at);
      return next === undefined ? null : Math.max(0, next.at - Math.max(at, dueOf(events, at, napMs)));
    }),
  );
  return waits.filter((wait) => wait !== null);
}

function dueOf(events: readonly StreamEntry<RunEvent>[], at: number, napMs: number): number {
  const last = events.findLast(({ data }) => Date.parse(data.at) <= at)?.data;
  const isAsleep = last?.change?.of === 'node' && last.change.kind === 'wait' && last.change.status === 'running';
  return isAsleep ? Date.parse(last.at) + napMs : at;
}

/** Those of nodes, from a little before that time on. Looks from the end backwards: runs may have thousands. */
async function eventsAround(gics: Gics, runId: string, at: number): Promise<StreamEntry<RunEvent>[]> {
  const stream = runStreams.events(runId);
  const found: StreamEntry<RunEvent>[] = [];
  for (let to = (await gics.info(stream)).last; to > 0; to -= PAGE) {
    const from = Math.max(1, to - PAGE + 1);
    const page = await gics.read<RunEvent>(stream, { from, limit: to - from + 1 });
    found.unshift(...page.filter(({ data }) => data.node !== null));
    if (page.some((entry) => entry.at < at - SLACK_MS)) break;
  }
  return found;
}

export function recoveryOf(what: string, waits: readonly number[]): Recovery {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return { what, samples: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
