/** What is done is undone when a later node fails: real processes behind the real API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphNode, NodeDetail, Run } from '#contract/objects.ts';
import { expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

/** Writes its words into the log of the run. */
const writes = (...words: string[]): object => ({ argv: ['sh', '-c', 'echo "$*" >> out/log; echo "$1"', 'log', ...words], write: ['out'] });
const undo = (...words: string[]): object => ({ kind: 'process', with: writes('undo', ...words) });
const fails = (id: string, more: object = {}): object => ({
  id,
  kind: 'process',
  on_error: 'compensate',
  with: { argv: ['false'] },
  ...more,
});

async function statuses(run: Run): Promise<Record<string, string>> {
  const graph = await stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`);
  return Object.fromEntries(graph.map((node) => [node.id, node.status]));
}

describe('compensations', () => {
  // verifies: MA-1
  it('undo what is done, the last first, each as a node of its own; one that fails is shown and stops no other', async () => {
    const nodes = [
      { id: 'a', kind: 'process', with: writes('a'), compensate: undo('${{ nodes.a.output.stdout }}') },
      { id: 'b', kind: 'process', needs: ['a'], with: writes('b'), compensate: { kind: 'process', with: { argv: ['false'] } } },
      {
        id: 'm',
        kind: 'map',
        needs: ['b'],
        with: {
          over: ['x', 'y'],
          concurrency: 1,
          nodes: [{ id: 'c', kind: 'process', with: writes('c', '${{ item }}'), compensate: undo('c', '${{ item }}') }],
        },
      },
      fails('last', { needs: ['m'] }),
    ];
    const run = await stack.admin.startPlan({ version: 1, title: 'Undone', nodes });
    const ended = await stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'error', error: { code: 'PROCESS_FAILED', message: expect.stringMatching(/^last: /) } });
    const log = linesIn(stack, run.id, 'out/log').filter((line) => line !== '');
    expect(log).toEqual(['a', 'b', 'c x', 'c y', 'undo c y', 'undo c x', 'undo a']);
    expect(await statuses(run)).toMatchObject({
      'm[1].c.compensation': 'done',
      'm[0].c.compensation': 'done',
      'b.compensation': 'error',
      'a.compensation': 'done',
      last: 'error',
    });
    const detail = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/a.compensation`);
    expect(detail).toMatchObject({ kind: 'process', needs: ['a'], attempts: [{ attempt: 1, error: null }] });
    await expectWholeLog(stack.gics, run.id);
  });

  it('of an item of a map undo that item and nothing else', async () => {
    const body = [
      { id: 'x', kind: 'process', with: writes('x', '${{ item }}'), compensate: undo('${{ item }}') },
      { id: 'y', kind: 'process', needs: ['x'], on_error: 'compensate', with: { argv: ['test', '${{ item }}', '=', 'good'] } },
    ];
    const nodes = [{ id: 'm', kind: 'map', with: { over: ['good', 'bad'], concurrency: 1, on_item_error: 'collect', nodes: body } }];
    const run = await stack.admin.startPlan({ version: 1, title: 'One item undone', nodes });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toEqual(['x good', 'x bad', 'undo bad']);
    const shown = await statuses(run);
    expect([shown['m[1].x.compensation'], shown['m[0].x.compensation']]).toEqual(['done', undefined]);
  });

  it('do not run when nothing fails', async () => {
    const nodes = [
      { id: 'a', kind: 'process', with: writes('a'), compensate: undo('a') },
      { id: 'b', kind: 'noop', needs: ['a'], on_error: 'compensate', with: { value: 1 } },
    ];
    const run = await stack.admin.startPlan({ version: 1, title: 'Not undone', nodes });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', nodes: { total: 2, done: 2 } });
    expect(linesIn(stack, run.id, 'out/log')).toEqual(['a']);
  });
});
