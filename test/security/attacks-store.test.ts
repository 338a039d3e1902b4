/** Named attacks by whoever can write the store but holds no key; docs/attacks.md lists them. The worker's checks are the real ones. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalHash } from '#contract/decision.ts';
import { OPEN, WorkerBench } from '../helpers/worker-bench.ts';

// verifies: SEC-7, SEC-5
describe('an attack through the store', () => {
  let bench: WorkerBench;
  beforeAll(async () => {
    bench = await WorkerBench.start();
  });
  afterAll(() => bench.t.close());

  it('finds a run that the API started, so that the refusals below mean something', async () => {
    const approved = await bench.approve();
    const run = await bench.start(approved);
    expect(await bench.load(run.id, approved.id)).toMatchObject({ ok: true, inputs: { who: 'me' } });
    expect(await bench.begin(run, approved)).toBe('act');
  });

  describe('forged records', () => {
    it('a run is written into the store by hand', async () => {
      const approved = await bench.approve();
      const { start: _start, ...run } = await bench.record((await bench.start(approved)).id);
      const id = 'r_01ARZ3NDEKTSV4RRFFQ69G5FA1';
      await bench.write('runs', id, { ...run, id, run_id: id });
      expect(await bench.refusal(id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('the signed start of one run is used for another', async () => {
      const approved = await bench.approve();
      const run = await bench.record((await bench.start(approved)).id);
      const id = 'r_01ARZ3NDEKTSV4RRFFQ69G5FA2';
      await bench.write('runs', id, { ...run, id, run_id: id });
      expect(await bench.refusal(id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('the start of one approval is used for another', async () => {
      const [one, other] = [await bench.approve(), await bench.approve()];
      const run = await bench.record((await bench.start(one)).id);
      await bench.write('runs', run.id, { ...run, approved_id: other.id });
      expect(await bench.refusal(run.id, other.id)).toBe('APPROVAL_INVALID');
    });

    it('the plan of an approval is changed, with its hash made to fit', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      const plan = structuredClone(approved.plan);
      plan.nodes[0] = { ...plan.nodes[0], kind: 'noop', with: { value: 'mine' } } as (typeof plan.nodes)[0];
      const { envelope, preconditions, inputs, decision } = approved;
      const hash = approvalHash({ plan, envelope, preconditions, inputs, policy_version: decision.policy_version });
      await bench.write('approved', approved.id, { ...approved, plan, hash, decision: { ...decision, hash } });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('the envelope of an approval is widened', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      await bench.write('approved', approved.id, {
        ...approved,
        envelope: { ...approved.envelope, kinds: ['noop', 'process'], commands: [['sh', '**']] },
      });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('an approval is changed after its run began', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      expect(await bench.load(run.id, approved.id)).toMatchObject({ ok: true });
      await bench.write('approved', approved.id, { ...approved, envelope: { ...approved.envelope, max_nodes: 9 } });
      expect(await bench.begin(run, approved)).toBe('CONFLICT');
      expect(await bench.beginAnew(run, approved)).toBe('APPROVAL_INVALID');
    });

    it('a run that has ended is started again', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      await bench.patch('runs', run.id, { final_ref: 'a'.repeat(64), status: 'done' });
      expect(await bench.refusal(run.id, approved.id)).toBe('RUN_NOT_ACTIVE');
    });

    it('an effect of a run that has ended is asked for again', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      await bench.t.store.gics.txn([{ op: 'put', collection: 'ended', id: run.id, value: { status: 'done' } }]);
      expect(await bench.begin(run, approved)).toBe('RUN_NOT_ACTIVE');
    });
  });

  describe('an open input', () => {
    it('is swapped after the start', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      await bench.patch('runs', run.id, { inputs: { who: 'somebody else' } });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('is joined by one that nobody declared', async () => {
      const approved = await bench.approve();
      expect((await bench.t.post('/ops/runs', { approved_id: approved.id, inputs: { who: 'x', more: 1 } })).status).toBe(400);
    });

    it('that was bound at the approval is given anew', async () => {
      const approved = await bench.approve({ ...OPEN, inputs: { who: { default: 'me' } } });
      expect((await bench.t.post('/ops/runs', { approved_id: approved.id, inputs: { who: 'somebody else' } })).status).toBe(400);
      await bench.write('approved', approved.id, { ...approved, inputs: { who: 'somebody else' } });
      expect(await bench.refusal((await bench.start(approved)).id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('is taken from a forged fork', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      await bench.patch('runs', run.id, { reuse_ref: 'b'.repeat(64) });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });
  });
});
