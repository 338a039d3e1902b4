import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from './capabilities.ts';
import { planFork } from './fork.ts';
import { checkPlan, validatePlan } from './plan-check.ts';
import { envelopeOf } from './plan-envelope.ts';
import { applyEvent, initialRunState } from './run-state.ts';

const undone = (compensate: object, more: object = {}): object => ({ id: 'a', kind: 'noop', compensate, ...more });
const asks = { id: 'b', kind: 'noop', needs: ['a'], on_error: 'compensate' };
const plan = (...nodes: object[]): object => ({ version: 1, title: 'T', nodes });
const faults = (...nodes: object[]): string[] => checkPlan(plan(...nodes)).faults.map(({ node, path, code }) => `${node} ${path} ${code}`);
const command = { kind: 'process', with: { argv: ['undo', '${{ nodes.a.output }}'] } };

describe('a compensation', () => {
  it('may read its node and what stands before it, and nothing else', () => {
    expect(faults(undone(command), asks)).toEqual([]);
    const later = { kind: 'process', with: { argv: ['undo', '${{ nodes.b.output }}'] } };
    expect(faults(undone(later), asks)).toEqual(['a nodes[0].compensate.with.argv[1] REF_NOT_UPSTREAM']);
  });

  it('is an effect with fields of its kind', () => {
    expect(faults(undone({ kind: 'gate', with: { title: 'x' } }), asks)).toContain('a nodes[0].compensate.kind NOT_AN_EFFECT');
    expect(faults(undone({ kind: 'process', with: { argv: [] } }), asks)).toContain('a nodes[0].compensate.with.argv TOO_SMALL');
    expect(faults(undone({ kind: 'noop', when: 'true' }), asks)[0]).toContain('UNRECOGNIZED_KEYS');
  });

  it('is refused where nothing asks for it, and asking where there is none', () => {
    expect(faults(undone(command))).toEqual(['a nodes COMPENSATION']);
    expect(faults({ id: 'b', kind: 'noop', on_error: 'compensate' })).toEqual(['b nodes COMPENSATION']);
  });

  it('is part of what an approver sees and grants', () => {
    const valid = validatePlan(plan(undone(command), asks));
    const envelope = envelopeOf(valid);
    expect(envelope).toMatchObject({ kinds: ['noop', 'process'], commands: [['undo', '*']], max_nodes: 3 });
    const shown = capabilitiesOf(valid, envelope).find(({ type }) => type === 'command');
    expect(shown).toMatchObject({ nodes: ['a.compensation'] });
    expect(faults(undone(command), asks)).toEqual([]);
    const narrow = checkPlan({ ...plan(undone(command), asks), envelope: { commands: [] } }).faults;
    expect(narrow).toMatchObject([{ node: 'a.compensation', code: 'ENVELOPE_NARROWER' }]);
  });

  it('leaves its node to be done anew by a fork', () => {
    const valid = validatePlan(plan(undone(command), asks));
    const state = initialRunState('r_1', valid.nodes);
    for (const [index, node] of ['a', 'a.compensation'].entries())
      applyEvent(state, {
        seq: index + 1,
        at: '2026-01-01T00:00:00.000Z',
        node,
        level: 'info',
        text: '',
        change: { of: 'node', kind: 'noop', status: 'done' },
      });
    const source = { plan: valid, nodes: state.nodes, earlier: [], changed: new Set<string>() };
    expect(planFork(source, 'b')).toEqual({ reused: [], patches: [] });
  });
});
