/** What must hold of runs after whatever happened to the processes that ran them. */
import { isDelegated } from '#contract/delegation.ts';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { runStreams, type Gics, type StreamEntry } from '#contract/gics.ts';
import type { Approved, RunRecord } from '#contract/objects.ts';
import { applyEvent, initialRunState, type RunEvent, type RunState } from '#contract/run-state.ts';
import type { Stack } from './stack.ts';

const PAGE = 1000;

/** All entries of a stream, in the order in which they became durable. */
export async function streamOf<T>(gics: Gics, stream: string): Promise<StreamEntry<T>[]> {
  const entries: StreamEntry<T>[] = [];
  for (;;) {
    const page = await gics.read<T>(stream, { from: (entries.at(-1)?.offset ?? 0) + 1, limit: PAGE });
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}

export function eventsOf(gics: Gics, runId: string): Promise<StreamEntry<RunEvent>[]> {
  return streamOf<RunEvent>(gics, runStreams.events(runId));
}

/** The log has no gap and no repeat, its last event is the end, and its fold is the state that was kept at the close. */
export async function expectWholeLog(gics: Gics, runId: string): Promise<RunEvent[]> {
  const record = await gics.get<RunRecord>('runs', runId);
  const events = (await eventsOf(gics, runId)).map((entry) => entry.data).sort((a, b) => a.seq - b.seq);
  expect(
    events.map((event) => event.seq),
    `the log of ${runId}`,
  ).toEqual(events.map((_event, index) => index + 1));
  expect(events.at(-1)?.change).toMatchObject({ of: 'run', status: record?.value.status });
  const approved = await gics.get<Approved>('approved', record?.value.approved_id ?? '');
  const hasNoPlan = record !== null && isDelegated(record.value);
  const folded = initialRunState(runId, hasNoPlan ? [] : (approved?.value.plan.nodes ?? []));
  for (const event of events) applyEvent(folded, event);
  expect(folded).toEqual(await finalState(gics, record?.value.final_ref ?? ''));
  return events;
}

async function finalState(gics: Gics, ref: string): Promise<RunState> {
  const bytes = await gics.getBlob(ref);
  if (bytes === null) throw new Error('the run has no final state');
  return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { state: RunState }).state;
}

/** No slot, no message and no process is left, and every hash of the store is right. */
export async function expectNothingLeft(stack: Stack): Promise<void> {
  expect(await stack.gics.count('slots'), 'slots').toBe(0);
  expect(await stack.gics.count('outbox'), 'messages that no run has taken').toBe(0);
  expect(await stack.gics.count('processes'), 'processes on record').toBe(0);
  expect(await stack.gics.verify()).toMatchObject({ ok: true, faults: [] });
}

/** Lines of a file in the private clone of a run; none when nothing was written. */
export function linesIn(stack: Stack, runId: string, file: string): string[] {
  const full = path.join(stack.paths.workspaces, runId, 'tree', file);
  return existsSync(full) ? readFileSync(full, 'utf8').trim().split('\n') : [];
}

export type AuditEntry = { action: string; object: string; detail: Record<string, unknown> };

export async function auditOf(gics: Gics, object: string): Promise<AuditEntry[]> {
  return (await streamOf<AuditEntry>(gics, 'audit')).map((entry) => entry.data).filter((entry) => entry.object === object);
}
