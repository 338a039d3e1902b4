/** What the maintenance schedule does to old objects, on a real store. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from '#activities/runs/clean-up.ts';
import type { ActivityDeps } from '#activities/deps.ts';
import type { JsonObject } from '#contract/json.ts';
import { startApp, type TestApp } from '../helpers/app.ts';

const DAY_MS = 24 * 3_600_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { ORCH_OPS_RUN_TTL: String(2 * 24 * 3600) } });
});
afterAll(() => app.close());

const put = (collection: 'runs' | 'drafts' | 'snapshots', id: string, value: JsonObject): Promise<unknown> =>
  app.store.gics.txn([{ op: 'put', collection, id, value }]);
const has = async (collection: 'drafts' | 'snapshots', id: string): Promise<boolean> => (await app.store.gics.get(collection, id)) !== null;
/** Only what the loops use of it. */
const loops = (): Promise<unknown> => cleanUp({ gics: app.store.gics, config: app.deps.config } as Partial<ActivityDeps> as ActivityDeps);

describe('the loops', () => {
  // verifies: LOOP-1
  it('archive runs that ended before the time to live: out of the list, still readable', async () => {
    const run = (id: string, status: string, finished_at: string | null): JsonObject => ({
      id,
      run_id: id,
      approved_id: 'a_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      status,
      title: 't',
      created_at: daysAgo(9),
      started_at: daysAgo(9),
      finished_at,
      archived: false,
      log: [],
      outputs: {},
      inputs: {},
      error: null,
      paused: false,
      waiting: false,
      branch: null,
      commit: null,
      receipt: null,
      final_ref: null,
      cost_usd: 0,
      tokens: 0,
      nodes: { total: 0, done: 0, skipped: 0, error: 0, running: 0, waiting: 0 },
      seq: 0,
      created_by: 'admin:000000000000',
    });
    const ids = { old: 'r_01ARZ3NDEKTSV4RRFFQ69G5FA1', young: 'r_01ARZ3NDEKTSV4RRFFQ69G5FA2', running: 'r_01ARZ3NDEKTSV4RRFFQ69G5FA3' };
    await put('runs', ids.old, run(ids.old, 'done', daysAgo(3)));
    await put('runs', ids.young, run(ids.young, 'done', daysAgo(1)));
    await put('runs', ids.running, run(ids.running, 'running', null));
    mkdirSync(path.join(app.store.paths.workspaces, ids.old, 'clone'), { recursive: true });
    expect(await loops()).toMatchObject({ archived_runs: 1 });
    const listed = async (query: string): Promise<string[]> =>
      (await app.get<{ id: string }[]>(`/ops/runs${query}`)).body.map(({ id }) => id);
    expect(await listed('')).toEqual([ids.running, ids.young]);
    expect(await listed('?archived=true')).toEqual([ids.old]);
    expect((await app.get(`/ops/runs/${ids.old}`)).status).toBe(200);
    expect(await loops()).toMatchObject({ archived_runs: 0 });
  });

  // verifies: LOOP-2, OBJ-4
  it('remove rejected and failed drafts after the days of the configuration, and no other', async () => {
    await app.put('/ops/config', { draft_cleanup_ttl_days: 5 });
    const states = [
      ['rejected', 6],
      ['error', 6],
      ['rejected', 4],
      ['draft', 60],
      ['approved', 60],
    ] as const;
    for (const [index, [status, age]] of states.entries()) await put('drafts', `d_${index}`, { status, updated_at: daysAgo(age) });
    expect(await loops()).toMatchObject({ removed_drafts: 2 });
    expect(await Promise.all(states.map((_, index) => has('drafts', `d_${index}`)))).toEqual([false, false, true, true, true]);
  });

  // verifies: LOOP-3
  it('remove snapshots of patches when their time is over', async () => {
    await put('snapshots', 'old', { run_id: 'r', files: [], at: daysAgo(3) });
    await put('snapshots', 'young', { run_id: 'r', files: [], at: daysAgo(1) });
    expect(await loops()).toMatchObject({ removed_snapshots: 1 });
    expect([await has('snapshots', 'old'), await has('snapshots', 'young')]).toEqual([false, true]);
  });
});
