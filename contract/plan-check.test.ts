import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, hashOf } from './canonical.ts';
import { errorCode } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { KIND_NAMES, NODE_KINDS } from './nodes/index.ts';
import { checkPlan, validatePlan } from './plan-check.ts';
import { PLAN_LIMITS } from './plan.ts';

const VALID: JsonObject = {
  version: 1,
  title: 'Every kind',
  intent: 'All of them, once',
  inputs: { n: { schema: { type: 'integer' }, default: 3 } },
  nodes: [
    { id: 'before', kind: 'value', with: { value: ['README.md'] } },
    // Every kind with the example that it gives, also one that nobody thought of here.
    ...KIND_NAMES.map((kind) => ({ id: `it_${kind}`, kind, needs: ['before'], with: NODE_KINDS[kind].example })),
    { id: 'list', kind: 'value', with: { value: [1, 2, 3] } },
    {
      id: 'each',
      kind: 'map',
      needs: ['list'],
      with: { over: '${{ nodes.list.output }}', nodes: [{ id: 'one', kind: 'noop', with: { value: '${{ item }}' } }] },
    },
    {
      id: 'again',
      kind: 'loop',
      needs: ['list'],
      with: {
        while: 'last == null || last < size(nodes.list.output)',
        max: 5,
        nodes: [{ id: 'count', kind: 'noop', with: { value: '${{ index }}' } }],
      },
    },
    { id: 'sum', kind: 'transform', needs: ['each'], with: { expr: 'size(nodes.each.output) + inputs.n' } },
    { id: 'big', kind: 'condition', needs: ['sum'], with: { if: '${{ nodes.sum.output > 2 }}' } },
    { id: 'pause', kind: 'wait', with: { ms: 5 } },
    { id: 'grow', kind: 'subplan', needs: ['list'], with: { from: 'nodes.list.output' } },
    { id: 'works', kind: 'agent', needs: ['sum'], with: { task: '${{ inputs.n }}', tools: { ask: true }, output_schema: { minimum: 0 } } },
    { id: 'all', kind: 'join', needs: ['big', 'pause'], with: { mode: 'any' } },
    { id: 'ask', kind: 'gate', needs: ['all'], when: 'nodes.big.output', with: { title: 'Go on with ${{ nodes.sum.output }}?' } },
    { id: 'think', kind: 'llm', needs: ['ask'], with: { prompt: 'Say ${{ nodes.sum.output }}' } },
    { id: 'look', kind: 'process', needs: ['ask'], with: { argv: ['git', 'log', '--max-count', '${{ string(inputs.n) }}'] } },
    {
      id: 'fetch',
      kind: 'http',
      needs: ['sum'],
      with: { url: 'https://api.example.com/${{ string(nodes.sum.output) }}', secret_headers: { authorization: 'Bearer ${API_TOKEN}' } },
    },
    { id: 'tell', kind: 'notify', needs: ['sum'], with: { webhook: 'team', text: 'The sum is ${{ nodes.sum.output }}' } },
    { id: 'hand_over', kind: 'delegate', needs: ['sum'], with: { agent: 'poet', task: 'A poem about ${{ nodes.sum.output }}' } },
    {
      id: 'write',
      kind: 'patch',
      needs: ['look'],
      with: { files: [{ path: 'a/b.md', content: '${{ nodes.look.output.stdout }}' }], validate: ['test', '-s', 'a/b.md'] },
    },
  ],
  outputs: { sum: 'nodes.sum.output' },
};
const codesOf = (plan: unknown): string[] => checkPlan(plan).faults.map((fault) => fault.code);
/** Null when it is valid; what is thrown must have a code. */
function codeOfValidating(input: unknown): string | null {
  try {
    validatePlan(input);
    return null;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}
const withNodes = (...nodes: Json[]): JsonObject => ({ version: 1, title: 'T', nodes });

/** Every place inside a JSON value. */
function placesIn(value: Json, path: (string | number)[] = []): (string | number)[][] {
  const children = Array.isArray(value) ? [...value.entries()] : typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...children.flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

function replaceAt(value: Json, [key, ...rest]: (string | number)[], by: Json | undefined): Json {
  if (key === undefined) return by ?? null;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as JsonObject) }) as Record<string | number, Json>;
  if (rest.length === 0 && by === undefined) delete copy[key];
  else copy[key] = replaceAt(copy[key] ?? null, rest, by);
  return copy;
}

const PLACES = placesIn(VALID);
const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const hostile = fc.oneof(
  anyJson,
  fc.constantFrom<Json>('${{', '${{ }}', '${{ nodes.x.output }}', '__proto__', 'constructor', -1, 1e308, '', [], {}),
  fc.constantFrom<Json>(...KIND_NAMES),
);
const mutant = fc
  .array(fc.record({ place: fc.constantFrom(...PLACES), by: fc.option(hostile, { nil: undefined }) }), { minLength: 1, maxLength: 3 })
  .map((changes) =>
    changes.reduce<Json>((plan, { place, by }) => {
      const isThere = place.slice(0, -1).every((_, at) => typeof valueAt(plan, place.slice(0, at + 1)) === 'object');
      return isThere ? replaceAt(plan, place, by) : plan;
    }, VALID),
  );

function valueAt(value: Json, path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string | number, Json>)[key] : undefined),
    value,
  );
}

/** The same value with the keys of every object in another order. */
function shuffled(value: Json, turn: number): Json {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, turn));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, turn)] as const);
  const at = entries.length === 0 ? 0 : turn % entries.length;
  return Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)].reverse());
}

describe('validation', () => {
  it('accepts a plan with every kind', () => {
    expect(checkPlan(VALID).faults).toEqual([]);
  });

  it('never throws on anything, and validatePlan throws only PLAN_INVALID', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), anyJson, mutant), (input) => {
        const { plan, faults } = checkPlan(input);
        expect(plan === null).toBe(faults.length > 0);
        expect([null, 'PLAN_INVALID']).toContain(codeOfValidating(input));
      }),
      { numRuns: 600 },
    );
  });

  it('names a place in every fault of a mutated plan', () => {
    fc.assert(
      fc.property(mutant, (input) => {
        for (const fault of checkPlan(input).faults) {
          expect(fault.message).not.toBe('');
          expect(fault.code).toMatch(/^[A-Z_]+$/);
          expect(fault.node !== null || typeof fault.path === 'string').toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds the same plan and the same hash whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), (turn) => {
        const other = validatePlan(shuffled(VALID, turn));
        expect(hashOf('gimo.plan.v1', other)).toBe(hashOf('gimo.plan.v1', validatePlan(VALID)));
      }),
    );
  });

  it('gives another hash to another plan', () => {
    fc.assert(
      fc.property(mutant, (input) => {
        const { plan } = checkPlan(input);
        if (plan === null) return;
        const isSame = canonicalJson(plan) === canonicalJson(validatePlan(VALID));
        expect(hashOf('gimo.plan.v1', plan) === hashOf('gimo.plan.v1', validatePlan(VALID))).toBe(isSame);
      }),
    );
  });

  it('is unchanged by validating its own result', () => {
    const once = validatePlan(VALID);
    expect(validatePlan(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });
});

describe('faults', () => {
  it('name node and path, all of them at once', () => {
    const plan = withNodes(
      { id: 'a', kind: 'proces' },
      { id: 'b', kind: 'process', with: { argv: [], cwd: '../..' } },
      { id: 'c', kind: 'noop', extra: true },
      { id: 'd', kind: 'transform', with: { expr: '1 +' } },
    );
    const found = checkPlan(plan).faults.map(({ node, path, code }) => ({ node, path, code }));
    expect(found).toEqual(
      expect.arrayContaining([
        { node: 'a', path: 'nodes[0].kind', code: 'UNKNOWN_KIND' },
        { node: 'b', path: 'nodes[1].with.argv', code: 'TOO_SMALL' },
        { node: 'b', path: 'nodes[1].with.cwd', code: 'CUSTOM' },
        { node: 'c', path: 'nodes[2]', code: 'UNRECOGNIZED_KEYS' },
        { node: 'd', path: 'nodes[3].with.expr', code: 'EXPRESSION' },
      ]),
    );
  });

  it('name a node inside a map by its own path', () => {
    const plan = withNodes({ id: 'm', kind: 'map', with: { over: [1], nodes: [{ id: 'x', kind: 'wait', with: { ms: -1 } }] } });
    expect(checkPlan(plan).faults).toMatchObject([{ node: 'x', path: 'nodes[0].with.nodes[0].with.ms' }]);
  });

  it('refuse cycles, also those of one node and inside maps', () => {
    const cycle = [
      { id: 'a', kind: 'noop', needs: ['c'] },
      { id: 'b', kind: 'noop', needs: ['a'] },
      { id: 'c', kind: 'noop', needs: ['b'] },
    ];
    expect(checkPlan(withNodes(...cycle)).faults).toMatchObject([
      { code: 'CYCLE', message: expect.stringMatching(/a → c → b → a|c → b → a → c|b → a → c → b/) },
    ]);
    expect(codesOf(withNodes({ id: 'a', kind: 'noop', needs: ['a'] }))).toEqual(['CYCLE']);
    expect(codesOf(withNodes({ id: 'm', kind: 'map', with: { over: [], nodes: cycle } }))).toEqual(['CYCLE']);
  });

  it('refuse duplicates, also across a map and its surroundings', () => {
    expect(codesOf(withNodes({ id: 'a', kind: 'noop' }, { id: 'a', kind: 'noop' }))).toContain('DUPLICATE_ID');
    const shadowing = { id: 'm', kind: 'map', with: { over: [], nodes: [{ id: 'a', kind: 'noop' }] } };
    expect(codesOf(withNodes({ id: 'a', kind: 'noop' }, shadowing))).toContain('DUPLICATE_ID');
    expect(codesOf(withNodes({ id: 'a', kind: 'noop' }, { id: 'b', kind: 'noop', needs: ['a', 'a'] }))).toEqual(['DUPLICATE_NEED']);
  });

  it('refuse needs and references that lead nowhere or to nodes that are not upstream', () => {
    expect(codesOf(withNodes({ id: 'a', kind: 'noop', needs: ['gone'] }))).toEqual(['UNKNOWN_NEED']);
    const beside = withNodes({ id: 'a', kind: 'noop' }, { id: 'b', kind: 'transform', with: { expr: 'nodes.a.output' } });
    expect(checkPlan(beside).faults).toMatchObject([{ node: 'b', path: 'nodes[1].with.expr', code: 'REF_NOT_UPSTREAM' }]);
    expect(codesOf(withNodes({ id: 'a', kind: 'transform', with: { expr: 'nodes["a"].output' } }))).toEqual(['REF_NOT_UPSTREAM']);
    expect(codesOf(withNodes({ id: 'a', kind: 'transform', with: { expr: 'inputs.gone + item' } })).sort()).toEqual([
      'UNKNOWN_INPUT',
      'UNKNOWN_NAME',
    ]);
    expect(codesOf(withNodes({ id: 'a', kind: 'noop', with: { value: 'x ${{ nodes.b.output' } }))).toEqual(['EXPRESSION']);
  });

  it('refuse an envelope that is narrower than the nodes, and unknown programs that it does not state', () => {
    const run = { id: 'a', kind: 'process', with: { argv: ['git', 'log'] } };
    expect(codesOf({ ...withNodes(run), envelope: { commands: [['git', 'status']] } })).toEqual(['ENVELOPE_NARROWER']);
    const dynamic = { id: 'a', kind: 'process', with: { argv: ['${{ inputs.tool }}'] } };
    const plan = { ...withNodes(dynamic), inputs: { tool: {} } };
    expect(codesOf(plan)).toEqual(['DYNAMIC_ROOT']);
    expect(codesOf({ ...plan, envelope: { commands: [['*']] } })).toEqual([]);
  });

  it('refuse one node more than the limit, counting bodies, within a second', () => {
    const many = (count: number): Json[] => Array.from({ length: count }, (_, index) => ({ id: `n${index}`, kind: 'noop' }));
    expect(codesOf(withNodes(...many(PLAN_LIMITS.nodes)))).toEqual([]);
    expect(codesOf(withNodes(...many(PLAN_LIMITS.nodes + 1)))).toEqual(['TOO_MANY_NODES']);
  });

  it('are at most two hundred', () => {
    expect(checkPlan(withNodes(...Array.from({ length: 500 }, () => ({ id: 'A' })))).faults).toHaveLength(200);
  });
});
