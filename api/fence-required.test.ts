/** What the machine lacks is named; what an admin demands refuses runs without it, at the API and in the worker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MissingPart } from '#contract/fence-parts.ts';
import type { Packet } from '#contract/objects.ts';
import type { Ready } from '#contract/ready.ts';
import { presence } from '#test/helpers/app.ts';
import { WorkerBench } from '#test/helpers/worker-bench.ts';

const MISSING: MissingPart[] = [{ part: 'memory', why: 'no control group' }];
const PLAN = { version: 1, nodes: [{ id: 'a', kind: 'process', with: { argv: ['true'] } }] };

// verifies: VX-SP-1
describe('a part of the fence that is missing', () => {
  let bench: WorkerBench;
  beforeAll(async () => {
    bench = await WorkerBench.start();
    const fence = { kind: 'bubblewrap', ok: true, detail: 'version 1', missing: MISSING };
    await bench.t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence({ fence }) }]);
  });
  afterAll(() => bench.t.close());
  const demand = (...parts: string[]): Promise<unknown> => bench.t.put('/ops/config', { fence_required: parts });

  it('is named in /ready and in the packet of a plan that needs a fence', async () => {
    const { parts } = (await bench.t.get<Ready>('/ready')).body;
    expect(parts['sandbox']).toMatchObject({ ok: true, detail: expect.stringContaining('Missing here: a memory limit') });
    const { id } = await bench.draft(PLAN);
    const { findings } = (await bench.t.get<Packet>(`/ops/drafts/${id}/packet`)).body;
    expect(findings.find(({ rule }) => rule === 'FENCE_INCOMPLETE')).toMatchObject({
      severity: 'low',
      evidence: expect.stringContaining('no control group'),
    });
    const harmless = await bench.draft();
    const packet = (await bench.t.get<Packet>(`/ops/drafts/${harmless.id}/packet`)).body;
    expect(packet.findings.map(({ rule }) => rule)).not.toContain('FENCE_INCOMPLETE');
  });

  it('refuses a run only when an admin demands it, and says what to do', async () => {
    const approved = await bench.approve(PLAN);
    await demand('memory');
    const refused = await bench.t.post('/ops/runs', { approved_id: approved.id });
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'FENCE_INCOMPLETE',
        detail: expect.stringContaining('no control group'),
        hint: expect.stringContaining('fence_required'),
      },
    });
    await demand('sandbox');
    expect((await bench.t.post('/ops/runs', { approved_id: approved.id })).status).toBe(201);
  });

  it('is demanded by the worker too, whoever started the run', async () => {
    await demand();
    const approved = await bench.approve(PLAN);
    const run = await bench.start(approved);
    expect(await bench.load(run.id, approved.id)).toMatchObject({ ok: true });
    await demand('memory');
    expect(await bench.load(run.id, approved.id)).toMatchObject({ ok: false, error: { code: 'FENCE_INCOMPLETE' } });
  });

  it('that is no part is refused as a demand', async () => {
    expect(await bench.t.put('/ops/config', { fence_required: ['moat'] })).toMatchObject({ status: 400 });
  });
});
