/** Runs that go on in one workflow after the other, because the history of each is kept very short here: nobody notices. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Gate, GraphNode, Run } from '#contract/objects.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { killAndWait } from '../helpers/recovery.ts';
import { auditOf, expectNothingLeft, expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

const WAIT = { timeout: 90_000 };
const EVENTS = 60;
/** What is under way when a workflow has become long enough still comes to its end in it. */
const MOST_EVENTS = EVENTS + 120;
/** The worker dies while the n-th start of it keeps what is handed on. */
const POINTS = ['segment.before-record', 'segment.kept:2'];

let stack: Stack;
let access: TemporalAccess;
beforeAll(async () => {
  stack = await startStack({
    env: { GIMO_SEGMENT_EVENTS: String(EVENTS), GIMO_SHORT_EFFECTS: '0', GIMO_FAILPOINTS: POINTS.join(';') },
  });
  access = await connectTo(stack);
}, 400_000);
afterAll(async () => {
  await access.connection.close();
  await stack.close();
});

const noop = (id: string, needs: string[] = []): object => ({ id, kind: 'noop', needs, with: { value: id } });
const chain = (name: string, length: number): object[] =>
  Array.from({ length }, (_none, at) => noop(`${name}${at}`, at === 0 ? [] : [`${name}${at - 1}`]));
const ask = (id: string, needs: string[] = [], more: object = {}): object => ({ id, kind: 'gate', needs, with: { title: id }, ...more });
const shell = (id: string, script: string, more: object = {}, node: object = {}): object => ({
  id,
  kind: 'process',
  with: { argv: ['sh', '-c', script], write: ['out'], ...more },
  ...node,
});
const start = (nodes: object[], more: object = {}): Promise<Run> =>
  stack.admin.startPlan({ version: 1, title: 'a long run', nodes, ...more });

/** How many events each workflow of a run has, the first one last. */
async function segments(run: Run): Promise<number[]> {
  const lengths: number[] = [];
  for (let runId: string | undefined = undefined; ;) {
    const history = await access.client.workflow.getHandle(run.id, runId).fetchHistory();
    lengths.push(history.events?.length ?? 0);
    const before: string | null | undefined = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return lengths;
    runId = before;
  }
}

const untilSegment = (run: Run, count: number): Promise<void> =>
  until(async () => expect((await segments(run)).length).toBeGreaterThanOrEqual(count), WAIT);

async function gateOf(run: Run, node: string): Promise<Gate> {
  return until(async () => {
    const open = await stack.operator.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`);
    const found = open.find((gate) => gate.node === node);
    if (!found) throw new Error(`${node} asks nothing`);
    return found;
  }, WAIT);
}

async function yes(gate: Gate, more: object = {}): Promise<void> {
  await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash, ...more });
}

async function ledgerOf(run: Run): Promise<string[]> {
  const { records } = await stack.gics.list<LedgerEntry>('ledger', { where: { run_id: run.id }, limit: 1000 });
  return records.map(({ value }) => `${value.node}/${value.attempt}/${value.redo} ${value.state}`).toSorted();
}

const statuses = async (run: Run): Promise<Record<string, string>> =>
  Object.fromEntries((await stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`)).map(({ id, status }) => [id, status]));

describe('a run that is longer than one workflow may be', () => {
  it(
    'ends as it would have in one: each effect once, one log, gates and containers as if nothing had been',
    { timeout: 240_000 },
    async () => {
      const written = { nodes: [noop('x'), ...chain('y', 4)], output: 'nodes.y3.output' };
      const nodes = [
        ...chain('c', 25),
        ask('early'),
        {
          id: 'each',
          kind: 'map',
          with: {
            over: [...Array(14).keys()],
            concurrency: 3,
            nodes: [noop('a'), { id: 'b', kind: 'transform', needs: ['a'], with: { expr: 'item * 2' } }],
          },
        },
        {
          id: 'rounds',
          kind: 'loop',
          with: {
            max: 6,
            nodes: [noop('step'), { id: 'sum', kind: 'transform', needs: ['step'], with: { expr: 'last == null ? 1 : last + 1' } }],
          },
        },
        { id: 'written', kind: 'value', with: { value: written } },
        { id: 'grown', kind: 'subplan', needs: ['written', 'c2'], with: { from: 'nodes.written.output' } },
        { id: 'nap', kind: 'wait', with: { ms: 5000 } },
        shell('flaky', 'echo try >> out/tries; test $(wc -l < out/tries) -gt 1', {}, { retry: { max_attempts: 2, backoff_ms: 4000 } }),
        shell('asks', 'test -e out/tries && false', {}, { needs: ['c1'], on_error: 'gate' }),
        noop('end', ['c24', 'each', 'rounds', 'grown', 'nap', 'flaky', 'asks', 'early']),
      ];
      const outputs = { each: 'nodes.each.output', rounds: 'nodes.rounds.output', grown: 'nodes.grown.output', last: 'nodes.end.output' };
      const run = await start(nodes, { outputs, envelope: { max_nodes: 200 } });
      const early = await gateOf(run, 'early');
      const asks = await gateOf(run, 'asks');
      await untilSegment(run, 3);
      expect((await gateOf(run, 'early')).id).toBe(early.id);
      await yes(early);
      await yes(asks, { choice: 'continue' });
      const ended = await stack.operator.ended(run.id, 120_000);
      expect(ended).toMatchObject({
        status: 'done',
        outputs: { each: [...Array(14).keys()].map((n) => n * 2), rounds: 6, grown: 'y3', last: 'end' },
      });
      const lengths = await segments(run);
      expect(lengths.length).toBeGreaterThan(3);
      expect(Math.max(...lengths)).toBeLessThan(MOST_EVENTS);
      const ledger = await ledgerOf(run);
      expect(ledger).toHaveLength(new Set(ledger.map((line) => line.split(' ')[0])).size);
      expect(ledger.filter((line) => !line.endsWith(' done'))).toEqual(['asks/1/0 error', 'flaky/1/0 error']);
      expect(linesIn(stack, run.id, 'out/tries')).toHaveLength(2);
      const log = await expectWholeLog(stack.gics, run.id);
      const starts = log.filter(({ text, node }) => node?.startsWith('c') === true && text === 'started').map(({ node }) => node);
      expect(starts).toHaveLength(25);
      expect(log.filter(({ text }) => text.startsWith('waits for a person')).map(({ node }) => node)).toEqual(
        expect.arrayContaining(['early', 'asks']),
      );
      expect(log.filter(({ text }) => text.startsWith('waits for a person'))).toHaveLength(2);
      expect(stack.instance().parts['worker']?.restarts).toBe(POINTS.length);
      expect(await stack.gics.count('segments')).toBe(0);
    },
  );

  it('hands a process on that takes longer: it goes on, is done once, and nobody is asked', { timeout: 180_000 }, async () => {
    const run = await start([shell('slow', 'echo "$GIMO_EFFECT" >> out/log; sleep 18'), ...chain('c', 20), noop('end', ['slow'])]);
    await untilSegment(run, 2);
    expect(await statuses(run)).toMatchObject({ slow: 'running' });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/slow/1/0`]);
    expect((await expectWholeLog(stack.gics, run.id)).filter(({ node, text }) => node === 'slow' && text === 'started')).toHaveLength(1);
  });

  it('is stopped as a whole, with a receipt for what was handed on', { timeout: 180_000 }, async () => {
    const run = await start([shell('slow', 'sleep 600'), ...chain('c', 20), ask('open')]);
    await untilSegment(run, 2);
    await stack.operator.ask('POST', `/ops/runs/${run.id}/cancel`);
    const ended = await stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'cancelled' });
    const receipt = await stack.operator.get<{ nodes: object[]; confirmed_at: string | null }>(`/ops/runs/${run.id}/receipt`);
    expect(receipt.nodes).toContainEqual({ id: 'slow', was: 'running', stopped: 'proven_empty', processes_left: 0 });
    expect(receipt.confirmed_at).not.toBeNull();
  });

  it('stays paused, and keeps a gate, a pause that stopped an effect, and what undoes it', { timeout: 240_000 }, async () => {
    const undo = {
      kind: 'process',
      with: { argv: ['sh', '-c', 'echo "undo $1" >> out/undone', 'undo', '${{ nodes.made.output.stdout }}'], write: ['out'] },
    };
    const body = [
      { ...shell('made', 'echo thing'), compensate: undo },
      ...chain('i', 12).map((node, at) => (at === 0 ? { ...node, needs: ['made'] } : node)),
      shell('once', 'sleep 60', { write: [] }, { needs: ['made'] }),
      { id: 'fails', kind: 'transform', needs: ['i11', 'once'], on_error: 'compensate', with: { expr: '1 / 0' } },
    ];
    const run = await start([{ id: 'm', kind: 'map', on_error: 'continue', with: { over: [1], nodes: body } }, ask('open')]);
    await until(async () => expect((await statuses(run))['m[0].once']).toBe('running'), WAIT);
    await untilSegment(run, 2);
    await until(async () => expect((await statuses(run))['m[0].i11']).toBe('done'), WAIT);
    await stack.operator.post(`/ops/runs/${run.id}/pause`, { running: 'stop' });
    const stopped = await gateOf(run, 'm[0].once');
    const open = await gateOf(run, 'open');
    await killAndWait(stack, 'worker');
    await yes(open);
    expect(await stack.operator.run(run.id)).toMatchObject({ status: 'running', paused: true });
    await yes(stopped, { choice: 'done' });
    await stack.operator.post(`/ops/runs/${run.id}/resume`);
    expect(await stack.operator.ended(run.id, 120_000)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/undone')).toEqual(['undo thing']);
    await expectWholeLog(stack.gics, run.id);
  });

  it('leaves nothing behind', async () => {
    await until(() => expectNothingLeft(stack), WAIT);
    expect(await stack.gics.count('segments')).toBe(0);
  });
});

describe('another client of Temporal', () => {
  it('cannot make up what a run has handed on', async () => {
    const run = await start([ask('open'), noop('after', ['open'])]);
    await gateOf(run, 'open');
    const handle = access.client.workflow.getHandle(run.id);
    await handle.terminate('a test');
    const input = { run_id: run.id, approved_id: run.approved_id, segment: { number: 2, ref: 'f'.repeat(64) } };
    const result = await access.client.workflow.execute('runGraph', {
      workflowId: `${run.id}-forged`,
      taskQueue: 'gimo-general',
      args: [input],
    });
    expect(result).toMatchObject({ status: 'error', error: { code: 'APPROVAL_INVALID' } });
    expect((await auditOf(stack.gics, run.id)).map(({ action }) => action)).toContain('run.refused');
  });
});
