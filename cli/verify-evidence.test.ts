/** `gimo verify` finds evidence that was taken away or slipped in, on a real store. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AUDIT_STREAM, type Collection } from '#contract/gics.ts';
import type { Decision } from '#contract/decision.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';
import { holding, mildPlan, person } from '#test/helpers/people.ts';
import { checkAudit, checkRecords } from './verify-checks.ts';
import { Evidence } from './verify-evidence.ts';
import type { Check } from './verify-log.ts';

let t: TestApp;
beforeEach(async () => {
  t = await startApp();
});
afterEach(() => t.close());

async function verified(): Promise<Check> {
  const evidence = new Evidence();
  for (const collection of ['decisions', 'approved'] as const)
    await checkRecords(t.store.gics, { name: collection, collection, fault: () => null, evidence });
  await checkAudit(t.store.gics, { heads: [], ring: [], evidence });
  return evidence.check(t.store.gics);
}

const idsOf = async (collection: Collection): Promise<string[]> =>
  (await t.store.gics.list(collection, { limit: 100 })).records.map(({ id }) => id);
const entryOf = async (field: string, id: string): Promise<number> =>
  (await t.store.gics.read<{ detail?: Record<string, unknown> }>(AUDIT_STREAM, { limit: 100 })).find(
    ({ data }) => data.detail?.[field] === id,
  )?.offset ?? 0;

/** A yes of two, an approval, a no, and a standing grant with what it approved. */
async function decide(): Promise<void> {
  const admin = holding(t, 'x', TOKENS.admin);
  const [kim, sam] = [await person(t, 'Kim'), await person(t, 'Sam')];
  const both = await admin.drafts(mildPlan({ quorum: 2 }));
  expect((await kim.approves(both.id)).status).toBe(202);
  expect((await sam.approves(both.id)).status).toBe(200);
  expect((await kim.vetoes((await admin.drafts(mildPlan())).id)).status).toBe(200);
  const grant = {
    title: 'No-ops',
    envelope: { kinds: ['noop'], max_parallel: 100, budget: { usd: 1, tokens: 200_000, wall_ms: 3_600_000 } },
  };
  const { body } = await t.post<{ id: string }>('/ops/grants', grant);
  const draft = await admin.drafts(mildPlan());
  const { hash } = (await t.get<{ hash: string }>(`/ops/drafts/${draft.id}/packet`)).body;
  expect((await t.post(`/ops/drafts/${draft.id}/grant`, { hash, grant_id: body.id })).status).toBe(200);
}

it('log and store tell the same of every way to decide', async () => {
  await decide();
  expect([(await idsOf('decisions')).length, (await idsOf('approved')).length]).toEqual([5, 2]);
  expect(await verified()).toEqual({ name: 'log and store', ok: true, count: 7, bad: null });
});

it.each([
  ['decisions', 'decision_id', 'decision'],
  ['approved', 'approved_id', 'approved artifact'],
] as const)('each of the %s that is taken away is missed, and the entry that tells of it is named', async (collection, field, what) => {
  await decide();
  for (const id of await idsOf(collection)) {
    const record = await t.store.gics.get(collection, id);
    await t.store.gics.txn([{ op: 'delete', collection, id }]);
    const bad = `entry ${await entryOf(field, id)} of the audit log tells of the ${what} ${id}, which is not in the store`;
    expect(await verified()).toMatchObject({ ok: false, bad });
    await t.store.gics.txn([{ op: 'put', collection, id, value: record?.value ?? {} }]);
  }
});

it('a decision that no entry tells of is found, as after the end of the log was cut off with its checkpoints', async () => {
  await decide();
  const [id = ''] = await idsOf('decisions');
  const decision = (await t.store.gics.get<Decision>('decisions', id))?.value;
  await t.store.gics.txn([{ op: 'put', collection: 'decisions', id: 'x_other', value: { ...decision, id: 'x_other' } }]);
  expect(await verified()).toMatchObject({ ok: false, bad: 'no entry of the audit log tells of the decision x_other' });
});
