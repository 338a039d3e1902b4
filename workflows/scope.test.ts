import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '#contract/json.ts';
import { validatePlan } from '#contract/plan-check.ts';
import type { Plan } from '#contract/plan.ts';
import type { RunState } from '#contract/run-state.ts';
import { interpreter } from './test-interpreter.ts';

type Recorded = { order: string[]; state: RunState; outputs: Map<string, Json> };

async function interpret(plan: Plan): Promise<Recorded> {
  const { order, state, run, start } = interpreter(plan);
  await start();
  return { order, state, outputs: run.outputs };
}

/** Edges only lead to later nodes, so every draw is a DAG; some nodes are skipped by their own condition. */
const dags = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.array(fc.record({ needs: fc.subarray(Array.from({ length: count }, (_, index) => index)), isSkipped: fc.boolean() }), {
    minLength: count,
    maxLength: count,
  }),
);

function planOf(dag: { needs: number[]; isSkipped: boolean }[]): Plan {
  const nodes = dag.map(({ needs, isSkipped }, index) => ({
    id: `n${index}`,
    kind: 'value',
    needs: needs.filter((need) => need < index).map((need) => `n${need}`),
    ...(isSkipped && index % 3 === 0 ? { when: 'false' } : {}),
    with: { value: index },
  }));
  return validatePlan({ version: 1, title: 'a random plan', nodes });
}

describe('the interpreter', () => {
  it('ends every node of any DAG exactly once, and never before all that it needs', async () => {
    await fc.assert(
      fc.asyncProperty(dags, async (dag) => {
        const plan = planOf(dag);
        const { order } = await interpret(plan);
        expect([...order].sort()).toEqual(plan.nodes.map((node) => node.id).sort());
        const place = new Map(order.map((id, index) => [id, index]));
        for (const node of plan.nodes) for (const need of node.needs) expect(place.get(need)).toBeLessThan(place.get(node.id) ?? -1);
      }),
      { numRuns: 200 },
    );
  });

  it('skips what needs a skipped node, with the reason, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(dags, async (dag) => {
        const plan = planOf(dag);
        const { state } = await interpret(plan);
        for (const node of plan.nodes) {
          const isSkipped = node.when === 'false' || node.needs.some((need) => state.nodes[need]?.status === 'skipped');
          expect(state.nodes[node.id]?.status).toBe(isSkipped ? 'skipped' : 'done');
          expect(state.nodes[node.id]?.reason === null).toBe(!isSkipped);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('starts a join of mode any as soon as one need is done, and accepts skipped ones in mode all', async () => {
    const plan = validatePlan({
      version: 1,
      title: 'joins',
      nodes: [
        { id: 'a', kind: 'value', with: { value: 1 } },
        { id: 'b', kind: 'value', when: 'false', with: { value: 1 } },
        { id: 'any', kind: 'join', needs: ['a', 'b'], with: { mode: 'any' } },
        { id: 'all', kind: 'join', needs: ['a', 'b'] },
        { id: 'two', kind: 'join', needs: ['a', 'b'], with: { mode: 'count', count: 2 } },
      ],
    });
    const { state } = await interpret(plan);
    expect(Object.fromEntries(Object.entries(state.nodes).map(([id, node]) => [id, node.status]))).toEqual({
      a: 'done',
      b: 'skipped',
      any: 'done',
      all: 'done',
      two: 'skipped',
    });
  });

  it('repeats a loop while its condition holds, on the result of the round before, and never more often than it may', async () => {
    const loop = (more: object): object => ({
      id: 'l',
      kind: 'loop',
      on_error: 'continue',
      needs: ['by'],
      with: {
        while: 'last == null || last < 6',
        max: 10,
        nodes: [{ id: 'next', kind: 'transform', with: { expr: '(last == null ? 1 : last) * nodes.by.output' } }],
        ...more,
      },
    });
    const run = async (more: object): Promise<Recorded> =>
      interpret(validatePlan({ version: 1, title: 'loops', nodes: [{ id: 'by', kind: 'value', with: { value: 2 } }, loop(more)] }));
    const rounds = ({ state }: Recorded): string[] => Object.keys(state.nodes).filter((id) => id.startsWith('l['));
    const ended = await run({});
    expect([ended.outputs.get('l'), rounds(ended)]).toEqual([8, ['l[0].next', 'l[1].next', 'l[2].next']]);
    expect((await run({ max: 2 })).outputs.get('l')).toBe(4);
    expect((await run({ output: 'nodes.next.output * 10', while: 'index < 2' })).outputs.get('l')).toBe(400);
    const none = await run({ while: 'false' });
    expect([none.outputs.get('l'), rounds(none), none.state.nodes['l']?.status]).toEqual([null, [], 'done']);
    expect((await run({ while: 'index' })).state.nodes['l']?.error?.code).toBe('EXPRESSION_FAILED');
  });

  it('counts the nodes of a body once, however often its container is tried again', () => {
    const loop = { id: 'l', kind: 'loop', with: { max: 2, nodes: [{ id: 'n', kind: 'noop' }] } };
    const { run } = interpreter(validatePlan({ version: 1, title: 'again', nodes: [loop] }));
    for (const scope of ['', 'l[0].', 'l[0].', 'l[1].', 'l[0].', 'l[1].']) run.counts.add(scope, 1, 3);
    expect(() => run.counts.add('l[2].', 1, 3)).toThrow('more than the 3 nodes');
  });

  it('runs nodes that a node has written inside of the envelope, in a scope of their own that sees what is above', async () => {
    const written = [
      { id: 'a', kind: 'transform', with: { expr: 'nodes.base.output + 1' } },
      {
        id: 'b',
        kind: 'map',
        needs: ['a'],
        with: { over: [1, 2], nodes: [{ id: 'c', kind: 'transform', with: { expr: 'item * nodes.a.output' } }] },
      },
    ];
    const grow = async (
      value: Json,
      envelope: object = { kinds: ['value', 'subplan', 'transform', 'map'], max_nodes: 5000, max_depth: 3 },
    ): Promise<Recorded> =>
      interpret(
        validatePlan({
          version: 1,
          title: 'grows',
          envelope,
          nodes: [
            { id: 'base', kind: 'value', with: { value: 10 } },
            { id: 'plan', kind: 'value', needs: ['base'], with: { value } },
            { id: 's', kind: 'subplan', needs: ['plan'], on_error: 'continue', with: { from: 'nodes.plan.output' } },
          ],
        }),
      );
    const { state, outputs } = await grow(written as unknown as Json);
    expect(outputs.get('s')).toEqual([11, 22]);
    expect(state.nodes['s.b']).toMatchObject({ kind: 'map', status: 'done', needs: ['s.a'] });
    expect(state.nodes['s.b[1].c']?.status).toBe('done');
    expect((await grow({ nodes: written, output: 'nodes.b.output[0]' } as unknown as Json)).outputs.get('s')).toBe(11);
    const broken = await grow([{ id: 'x', kind: 'transform', with: { expr: 'nodes.gone.output' } }]);
    expect(broken.state.nodes['s']).toMatchObject({
      status: 'error',
      error: { code: 'PLAN_INVALID', message: expect.stringContaining('REF_NOT_UPSTREAM') },
    });
    expect(Object.keys(broken.state.nodes)).toEqual(['base', 'plan', 's']);
  });

  it('keeps for the plan itself the nodes that it may still need', async () => {
    const map = { id: 'm', kind: 'map', with: { over: [1], max_items: 7, nodes: [{ id: 'n', kind: 'noop' }] } };
    const plan = (more: object): Plan => validatePlan({ version: 1, title: 'room', nodes: [map], ...more });
    expect(interpreter(plan({})).run.counts.roomFor('s.', 8)).toBe(0);
    const { counts } = interpreter(plan({ envelope: { max_nodes: 10 } })).run;
    counts.add('', 1, 10);
    expect(counts.roomFor('s.', 10)).toBe(2);
    counts.addPlanned('s.', plan({}).nodes.slice(0, 0));
    counts.addPlanned('t.', [{ id: 'x', kind: 'noop', needs: [], on_error: 'fail', with: { value: null } }]);
    expect([counts.roomFor('u.', 10), counts.roomFor('t.', 10)]).toEqual([1, 2]);
  });

  it('fails a map item by item with `collect`, and as a whole with `fail`', async () => {
    const map = (mode: string): object => ({
      id: 'm',
      kind: 'map',
      on_error: 'continue',
      with: { over: [1, 0, 2], on_item_error: mode, nodes: [{ id: 'check', kind: 'condition', with: { if: 'item > 0 ? true : item' } }] },
    });
    const collected = await interpret(validatePlan({ version: 1, title: 'collect', nodes: [map('collect')] }));
    expect(collected.state.nodes['m']?.status).toBe('done');
    expect(collected.state.nodes['m[1].check']?.error?.code).toBe('EXPRESSION_FAILED');
    const failed = await interpret(validatePlan({ version: 1, title: 'fail', nodes: [map('fail')] }));
    expect(failed.state.nodes['m']?.status).toBe('error');
  });
});
