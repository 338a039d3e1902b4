import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFork, type ForkPlan, type ForkSource } from './fork.ts';
import { validatePlan } from './plan-check.ts';
import { applyEvent, initialRunState, type NodeStatus } from './run-state.ts';

/** A run of these nodes whose log says this of them, in this order. */
function source(nodes: object[], shown: [string, NodeStatus][], more: Partial<ForkSource> = {}): ForkSource {
  const inputs = { n: { open: true }, m: { open: true } };
  const plan = validatePlan({ version: 1, title: 'T', inputs, nodes });
  const state = initialRunState('r_1', plan.nodes);
  for (const [index, [id, status]] of shown.entries()) {
    const kind = id.endsWith('patch') ? 'patch' : 'noop';
    const change = { of: 'node', kind, status } as const;
    applyEvent(state, { seq: index + 1, at: '2026-01-01T00:00:00.000Z', node: id, level: 'info', text: '', change });
  }
  return { plan, nodes: state.nodes, earlier: [], changed: new Set(), ...more };
}

const noop = (id: string, needs: string[] = [], value: unknown = null): object => ({ id, kind: 'noop', needs, with: { value } });
const patch = (id: string, needs: string[] = []): object => ({
  id,
  kind: 'patch',
  needs,
  with: { files: [{ path: `${id}.txt`, content: 'x' }] },
});
const writes = (id: string, needs: string[] = []): object => ({ id, kind: 'process', needs, with: { argv: ['make'], write: ['out'] } });

function planned(of: ForkSource, from: string): ForkPlan {
  const fork = planFork(of, from);
  if ('refusal' in fork) throw new Error(fork.refusal);
  return fork;
}
const refusal = (of: ForkSource, from: string): string => (planFork(of, from) as { refusal: string }).refusal;

describe('a fork', () => {
  it('does the node and everything behind it anew, and takes over all else that was done', () => {
    const nodes = [noop('a'), noop('b', ['a']), noop('c', ['b']), noop('side', ['a'])];
    const of = source(nodes, [
      ['a', 'done'],
      ['b', 'done'],
      ['c', 'error'],
      ['side', 'done'],
    ]);
    expect(planned(of, 'b').reused).toEqual(['a', 'side']);
    expect(planned(of, 'c').reused).toEqual(['a', 'b', 'side']);
    expect(planned(of, 'a').reused).toEqual([]);
  });

  it('never takes over a node that stands behind one that is done anew, whatever the plan and the run', () => {
    const statuses = fc.constantFrom<NodeStatus>('done', 'done', 'done', 'skipped', 'error', 'pending');
    const dags = fc.array(fc.record({ needs: fc.array(fc.nat(12), { maxLength: 3 }), status: statuses }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(dags, fc.nat(11), (dag, at) => {
        const nodes = dag.map(({ needs }, index) =>
          noop(
            `n${index}`,
            [...new Set(needs.filter((need) => need < index))].map((need) => `n${need}`),
          ),
        );
        const from = `n${at % dag.length}`;
        const of = source(
          nodes,
          dag.map(({ status }, index) => [`n${index}`, status]),
        );
        const { reused } = planned(of, from);
        const kept = new Set([
          ...reused,
          ...Object.values(of.nodes)
            .filter((node) => node.status === 'skipped')
            .map((node) => node.id),
        ]);
        kept.delete(from);
        expect(reused).not.toContain(from);
        for (const id of reused) {
          expect(of.nodes[id]?.status).toBe('done');
          for (const need of of.nodes[id]?.needs ?? []) expect(kept.has(need)).toBe(true);
        }
      }),
    );
  });

  it('does what failed or was never reached anew, also where it does not stand behind the node', () => {
    const nodes = [noop('a'), noop('failed'), noop('behind', ['failed']), noop('b', ['a'])];
    const of = source(nodes, [
      ['a', 'done'],
      ['failed', 'error'],
      ['behind', 'done'],
      ['b', 'done'],
    ]);
    expect(planned(of, 'b').reused).toEqual(['a']);
  });

  it('takes over what a person left out, and decides again what the plan skipped', () => {
    const nodes = [noop('a'), noop('b'), { id: 'all', kind: 'join', needs: ['a', 'b'] }, noop('end', ['all'])];
    const ended: [string, NodeStatus][] = [
      ['a', 'skipped'],
      ['b', 'skipped'],
      ['all', 'done'],
    ];
    const of = source(nodes, ended);
    for (const node of Object.values(of.nodes)) if (node.id === 'a') node.skipped_by = 'operator:0123456789ab';
    expect(planned(of, 'end').reused).toEqual(['a', 'all']);
  });

  it('is refused when a changed input is read by what would not be done anew, bodies included', () => {
    const body = { id: 'each', kind: 'map', with: { over: [1], output: 'inputs.m', nodes: [noop('x')] } };
    const of = source(
      [noop('a', [], '${{ inputs.n }}'), body, noop('b', ['a', 'each'])],
      [
        ['a', 'done'],
        ['each', 'done'],
        ['b', 'done'],
      ],
    );
    expect(refusal({ ...of, changed: new Set(['n']) }, 'b')).toBe(
      'the input `n` is changed, and a, which reads it, would not be done anew',
    );
    expect(refusal({ ...of, changed: new Set(['m']) }, 'b')).toContain('each');
    expect(planned({ ...of, changed: new Set(['n']) }, 'a').reused).toEqual(['each']);
  });

  it('is refused when a process wrote files that a later node would look for; without such a node it is not', () => {
    const done: [string, NodeStatus][] = [
      ['make', 'done'],
      ['use', 'done'],
      ['say', 'done'],
    ];
    const uses = { id: 'use', kind: 'process', needs: ['make'], with: { argv: ['cat', 'out/x'] } };
    const of = source([writes('make'), uses, noop('say', ['use'])], done);
    expect(refusal(of, 'use')).toMatch(/^make wrote files that are in no commit, so use would not find them/);
    expect(planned(of, 'say').reused).toEqual(['make', 'use']);
    expect(planned(of, 'make').reused).toEqual([]);
  });
});

describe('the commits that a fork starts with', () => {
  const nodes = [patch('a_patch'), patch('b_patch'), noop('after_a', ['a_patch']), noop('after_b', ['b_patch'])];
  const ended: [string, NodeStatus][] = [
    ['b_patch', 'done'],
    ['a_patch', 'done'],
    ['after_a', 'done'],
    ['after_b', 'done'],
  ];

  it('are those of the patches that are taken over, in the order in which they were made', () => {
    expect(planned(source(nodes, ended), 'after_a').patches).toEqual(['b_patch', 'a_patch']);
    expect(planned(source(nodes, ended), 'a_patch').patches).toEqual(['b_patch']);
  });

  it('must come before those that are made anew: a branch cannot lose one from its middle', () => {
    expect(refusal(source(nodes, ended), 'b_patch')).toBe('b_patch, which would be done anew, committed before a_patch, which would not');
  });

  it('keep the order of the first run through a fork of a fork', () => {
    const earlier = [
      { node: 'b_patch', commit: 'c1' },
      { node: 'a_patch', commit: 'c2' },
    ];
    const again = source(
      nodes,
      [
        ['a_patch', 'done'],
        ['b_patch', 'done'],
        ['after_a', 'done'],
        ['after_b', 'done'],
      ],
      { earlier },
    );
    expect(planned(again, 'after_a').patches).toEqual(['b_patch', 'a_patch']);
  });
});
