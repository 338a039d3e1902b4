import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamEntry } from '#contract/gics.ts';
import type { Draft, Packet } from '#contract/objects.ts';
import type { ApprovalStats } from '#contract/routes/stats.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';
import { approvalStats } from './services/approval-stats.ts';
import { Views } from './services/views.ts';

const HOUR_MS = 3_600_000;

/** A log of decisions: who, how many hours ago, how long they had looked. */
function logOf(
  rows: { actor: string; hoursAgo: number; action?: string; viewed_ms?: number; outcome?: string }[],
): Parameters<typeof approvalStats>[0] {
  const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const entries = rows.map(({ actor, hoursAgo, action = 'drafts_approve', viewed_ms, outcome = 'done' }, index) => ({
    offset: index + 1,
    at: 0,
    key: null,
    data: {
      at: new Date(thisHour - hoursAgo * HOUR_MS).toISOString(),
      actor,
      action,
      outcome,
      detail: viewed_ms === undefined ? {} : { viewed_ms },
    },
  }));
  return {
    info: (stream) => Promise.resolve({ stream, first: 1, last: entries.length, hash: null }),
    read: <T>() => Promise.resolve(entries.toReversed() as StreamEntry<T>[]),
  };
}

describe('how much people have to decide', () => {
  it('is counted by person and hour, with the median time that they looked', async () => {
    const log = logOf([
      { actor: 'admin:old', hoursAgo: 40 },
      { actor: 'admin:a', hoursAgo: 3, viewed_ms: 1000 },
      { actor: 'admin:a', hoursAgo: 3, viewed_ms: 3000, action: 'gates_reject' },
      { actor: 'admin:a', hoursAgo: 2, viewed_ms: 90_000 },
      { actor: 'operator:b', hoursAgo: 1, action: 'gates_approve' },
      { actor: 'operator:b', hoursAgo: 1, action: 'runs_create' },
      { actor: 'operator:b', hoursAgo: 1, outcome: 'refused' },
    ]);
    const stats = await approvalStats(log, 24);
    expect(stats).toMatchObject({ decisions: 4, approved: 3, rejected: 1, most_per_hour: 2, median_view_ms: 3000, views_unknown: 1 });
    expect(stats.by_person).toEqual([
      { actor: 'admin:a', name: null, decisions: 3, approved: 2, rejected: 1, most_per_hour: 2, median_view_ms: 3000, views_unknown: 0 },
      { actor: 'operator:b', name: null, decisions: 1, approved: 1, rejected: 0, most_per_hour: 1, median_view_ms: null, views_unknown: 1 },
    ]);
    expect(await approvalStats(logOf([]), 1)).toMatchObject({ decisions: 0, most_per_hour: 0, median_view_ms: null, by_person: [] });
  });

  it('knows no look at what has changed since, nor that of somebody else', () => {
    const views = new Views();
    views.shown({ label: 'admin:a' }, 'h1');
    expect(views.since({ label: 'admin:a' }, 'h1').viewed_ms).toBeTypeOf('number');
    expect(views.since({ label: 'admin:a' }, 'h2')).toEqual({});
    expect(views.since({ label: 'admin:b' }, 'h1')).toEqual({});
  });
});

describe('a decision', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
  });
  afterAll(() => t.close());

  it('counts as read only by whoever was shown the packet', async () => {
    const drafts = await Promise.all(['read', 'blind'].map(async (prompt) => (await t.post<Draft>('/ops/drafts', { prompt })).body.id));
    const { hash } = (await t.get<Packet>(`/ops/drafts/${drafts[0]}/packet`)).body;
    expect((await t.post(`/ops/drafts/${drafts[0]}/approve`, { hash })).status).toBe(200);
    expect((await t.post(`/ops/drafts/${drafts[1]}/reject`)).status).toBe(200);
    const { body } = await t.get<ApprovalStats>('/ops/stats/approvals');
    expect(body).toMatchObject({ decisions: 2, approved: 1, rejected: 1, views_unknown: 1, partial: false });
    expect(body.by_person[0]?.actor).toMatch(/^admin:[0-9a-f]{12}$/);
    expect((await t.ask('GET', '/ops/stats/approvals', { token: TOKENS.actions })).status).toBe(403);
  });
});
