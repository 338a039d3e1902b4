/** How soon runs move again after a process was killed. */
import type { Gics } from '#contract/gics.ts';
import type { Stack, Part } from './stack.ts';
import { runStreams } from '#contract/gics.ts';
import type { RunEvent } from '#contract/run-state.ts';

const PAGE = 100;
/** Events are made durable a little after their own time. */
const SLACK_MS = 10_000;

export type Kill = { part: Part; at: number };
export type Recovery = { what: string; samples: number; p50: number; p95: number; max: number };

/** kill -9. Out: when. Waits: until the part is ready again. */
export async function killAndWait(stack: Stack, part: Part): Promise<Kill> {
  const pid = stack.instance().parts[part]?.pid ?? null;
  const at = Date.now();
  await stack.kill(part);
  await stack.back(part, pid);
  return { part, at };
}

/** Per run: ms from then until its first node event of a later time was durable. Runs that had no further one are left out. */
export async function movedAfter(gics: Gics, runIds: readonly string[], at: number): Promise<number[]> {
  const waits = await Promise.all(runIds.map((id) => firstMove(gics, id, at)));
  return waits.filter((wait) => wait !== null);
}

/** Looks from the end backwards: runs may have thousands of events. */
async function firstMove(gics: Gics, runId: string, at: number): Promise<number | null> {
  const stream = runStreams.events(runId);
  const { last } = await gics.info(stream);
  let found: number | null = null;
  for (let to = last; to > 0; to -= PAGE) {
    const from = Math.max(1, to - PAGE + 1);
    const page = await gics.read<RunEvent>(stream, { from, limit: to - from + 1 });
    const next = page.find(({ data }) => data.node !== null && Date.parse(data.at) > at);
    if (next) found = next.at - at;
    if (page.some((entry) => entry.at < at - SLACK_MS)) return found;
  }
  return found;
}

export function recoveryOf(what: string, waits: readonly number[]): Recovery {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return { what, samples: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}
