/** Runs that go on in one workflow after the other, with much under way at each change. */
import type { Run } from '#contract/objects.ts';
import { until } from '../helpers/until.ts';
import { ask, noop, shell, value, type Act, type Tools } from './scene.ts';

const chain = (name: string, length: number): object[] =>
  Array.from({ length }, (_none, at) => noop(`${name}${at}`, at === 0 ? [] : [`${name}${at - 1}`]));

/** Waits: until another workflow has gone on for the run. */
async function goneOn(t: Tools, run: Run, first: string): Promise<void> {
  await until(
    async () => {
      const { runId } = await t.access.client.workflow.getHandle(run.id).describe();
      if (runId === first) throw new Error('it is in its first workflow still');
    },
    { timeout: 60_000 },
  );
}

export const SEGMENT_SCENES: Record<string, Act> = {
  segments: async (t) => {
    const sum = { id: 'sum', kind: 'transform', needs: ['step'], with: { expr: 'last == null ? 1 : last + 1' } };
    const nodes = [
      ...chain('c', 25),
      ask('open'),
      ask('late', [], { timeout_ms: 3_600_000 }),
      { id: 'each', kind: 'map', with: { over: [1, 2, 3, 4, 5, 6, 7, 8], concurrency: 2, nodes: [noop('a')] } },
      { id: 'rounds', kind: 'loop', with: { max: 4, nodes: [noop('step'), sum] } },
      value('written', { nodes: chain('y', 4) }),
      { id: 'grown', kind: 'subplan', needs: ['written', 'c2'], with: { from: 'nodes.written.output' } },
      { id: 'nap', kind: 'wait', with: { ms: 5000 } },
      shell('slow', 'sleep 15', [], { write: [] }),
      shell('asks', 'false', ['c1'], { write: [] }, { on_error: 'gate' }),
      noop('end', ['c24', 'each', 'rounds', 'grown', 'nap', 'slow', 'asks', 'open', 'late']),
    ];
    const run = await t.start(nodes, { envelope: { max_nodes: 200 } });
    const { runId } = await t.access.client.workflow.getHandle(run.id).describe();
    const gates = [await t.gate(run, 'open'), await t.gate(run, 'late')];
    const asks = await t.gate(run, 'asks');
    await goneOn(t, run, runId);
    for (const gate of gates) await t.answer(gate, 'approve');
    await t.answer(asks, 'approve', 'continue');
    return t.end(run);
  },
  'segments-steered': async (t) => {
    const undo = { kind: 'process', with: { argv: ['true'], idempotent: true } };
    const body = [
      noop('made', [], { compensate: undo }),
      ...chain('i', 12),
      shell('once', 'sleep 60', ['made'], { write: [] }),
      { id: 'fails', kind: 'transform', needs: ['i11', 'once'], on_error: 'compensate', with: { expr: '1 / 0' } },
    ];
    const run = await t.start([{ id: 'm', kind: 'map', on_error: 'continue', with: { over: [1], nodes: body } }, ask('open')]);
    const { runId } = await t.access.client.workflow.getHandle(run.id).describe();
    await goneOn(t, run, runId);
    await t.shows(run, 'm[0].i11', 'done');
    await t.stack.operator.post(`/ops/runs/${run.id}/pause`, { running: 'stop' });
    await t.answer(await t.gate(run, 'm[0].once'), 'approve', 'done');
    await t.stack.operator.post(`/ops/runs/${run.id}/resume`);
    await t.shows(run, 'm', 'error');
    await t.stack.operator.ask('POST', `/ops/runs/${run.id}/cancel`);
    return t.end(run);
  },
};
