/** What an agent is asked to end with: a schema that is fixed, bounded and usable, and a turn that is counted for correcting the answer. */
import { describe, expect, it } from 'vitest';
import type { Fault } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { checkPlan, validatePlan } from './plan-check.ts';
import { countNodes } from './plan-envelope.ts';
import { faultSummary, repairDemand } from './structured-answer.ts';
import { REPAIR_TOKENS, worstCaseTokens, worstCaseUsd } from './worst-case.ts';

const SCHEMA = { type: 'object', properties: { cause: { type: 'string' } }, required: ['cause'] };
const planOf = (more: JsonObject): JsonObject => ({
  version: 1,
  title: 'T',
  nodes: [{ id: 'a', kind: 'agent', with: { task: 'x', ...more } }],
});
const faultsOf = (more: JsonObject): Fault[] => checkPlan(planOf(more)).faults;

describe('the schema of what an agent ends with', () => {
  it('is kept as it is written', () => {
    const [node] = validatePlan(planOf({ output_schema: SCHEMA })).nodes;
    expect(node?.with).toMatchObject({ output_schema: SCHEMA });
  });

  it.each<[string, Json, string]>([
    ['a keyword that nothing checks', { properties: { a: { if: true } } }, 'output_schema.properties.a.if'],
    ['a pattern that could be held up', { pattern: '(a)\\1' }, 'output_schema.pattern'],
    ['a schema that stands elsewhere', { $ref: 'https://example.com/schema' }, 'output_schema.$ref'],
    ['a reference to another node', { enum: ['${{ inputs.wanted }}'] }, 'output_schema'],
    ['more text than each turn should carry', { description: 'x'.repeat(100_001) }, 'output_schema'],
    ['no schema at all', 'object', 'output_schema'],
  ])('is refused before anybody approves it: %s', (_name, schema, path) => {
    expect(faultsOf({ output_schema: schema })).toEqual([expect.objectContaining({ node: 'a', path: `nodes[0].with.${path}` })]);
  });

  it('needs a turn to answer in and one to correct the answer in', () => {
    expect(faultsOf({ output_schema: SCHEMA, max_turns: 1 })).toEqual([
      expect.objectContaining({ node: 'a', path: 'nodes[0].with.max_turns' }),
    ]);
    expect(faultsOf({ output_schema: SCHEMA, max_turns: 2 })).toEqual([]);
    expect(faultsOf({ max_turns: 1 })).toEqual([]);
  });
});

describe('the turn that corrects the answer', () => {
  it('is among those that the packet counts', () => {
    const { nodes } = validatePlan(planOf({ output_schema: SCHEMA, max_turns: 2, max_tool_calls: 0 }));
    expect(countNodes(nodes)).toBe(3);
  });

  it('is a call of its own, so the one before keeps nothing for it', () => {
    const price = { basis: 'config', input_usd_per_mtok: 1000, output_usd_per_mtok: 1000, max_input_tokens: null } as const;
    const once = { prompt: 'x'.repeat(4000), max_output_tokens: 1000, schema: SCHEMA, repair: 'none' as const };
    const { repair: _left, ...twice } = once;
    expect(worstCaseTokens(twice)).toBe(2 * worstCaseTokens(once) + once.max_output_tokens + REPAIR_TOKENS);
    expect(worstCaseUsd(twice, price)).toBeGreaterThan(2 * (worstCaseUsd(once, price) ?? 0));
  });

  it('asks in few words, however much is wrong', () => {
    const faults = Array.from({ length: 20 }, (_none, n) => ({ path: `/${n}/${'x'.repeat(1000)}`, message: 'is not allowed' }));
    expect(repairDemand(faults).length).toBeLessThan(REPAIR_TOKENS / 3);
    expect(faultSummary(faults).length).toBeLessThan(500);
    expect(repairDemand([{ path: '', message: 'is not JSON' }])).toContain('- (root) is not JSON');
  });
});
