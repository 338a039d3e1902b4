import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from './json.ts';
import { checkPlan } from './plan-check.ts';
import { PLAN_LIMITS } from './plan.ts';

const withNodes = (...nodes: Json[]): JsonObject => ({ version: 1, title: 'T', nodes });
const codesOf = (plan: unknown): string[] => checkPlan(plan).faults.map((fault) => fault.code);

describe('the scopes of containers', () => {
  it('let a map body read what stands above the map, and nobody outside read the body', () => {
    const body = [{ id: 'one', kind: 'noop', with: { value: '${{ [item, index, nodes.a.output] }}' } }];
    const map = { id: 'm', kind: 'map', needs: ['a'], with: { over: [1], nodes: body, output: 'nodes.one.output' } };
    expect(codesOf(withNodes({ id: 'a', kind: 'noop' }, map))).toEqual([]);
    const outside = { id: 'z', kind: 'transform', needs: ['m'], with: { expr: 'nodes.one.output' } };
    expect(codesOf(withNodes({ id: 'a', kind: 'noop' }, map, outside))).toEqual(['REF_NOT_UPSTREAM']);
  });

  it('let a loop and its body read the round before, and nobody else', () => {
    const body = [{ id: 'one', kind: 'noop', with: { value: '${{ [last, index] }}' } }];
    const loop = (more: object): Json => ({
      id: 'l',
      kind: 'loop',
      with: { while: 'last != 3 && index < 9', max: 9, nodes: body, ...more },
    });
    expect(codesOf(withNodes(loop({ output: 'nodes.one.output' })))).toEqual([]);
    expect(checkPlan(withNodes(loop({ while: 'nodes.one.output' }))).faults).toMatchObject([
      { node: 'l', path: 'nodes[0].with.while', code: 'REF_NOT_UPSTREAM' },
    ]);
    expect(codesOf(withNodes(loop({ while: 'item > 1' })))).toEqual(['UNKNOWN_NAME']);
    expect(codesOf(withNodes(loop({ while: '1 +' })))).toEqual(['EXPRESSION']);
    expect(codesOf(withNodes(loop({ max: 0 })))).toEqual(['TOO_SMALL']);
    expect(codesOf(withNodes({ id: 'z', kind: 'transform', with: { expr: 'last' } }))).toEqual(['UNKNOWN_NAME']);
  });

  it('refuse containers that are nested too deep', () => {
    const nest = (depth: number): Json =>
      depth === 0 ? { id: 'x', kind: 'noop' } : { id: `m${depth}`, kind: 'map', with: { over: [], nodes: [nest(depth - 1)] } };
    expect(codesOf(withNodes(nest(PLAN_LIMITS.bodyDepth - 1)))).toEqual([]);
    expect(codesOf(withNodes(nest(PLAN_LIMITS.bodyDepth)))).toContain('TOO_DEEP');
    expect(codesOf(withNodes(nest(2000)))).not.toEqual([]);
  });
});
