import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addedRisk } from './findings/added.ts';
import type { Json, JsonObject } from './json.ts';
import { checkAdded, type AddedNodes } from './plan-added.ts';
import { validatePlan } from './plan-check.ts';
import { deltaLines, deltaOf, widened, type Delta } from './plan-delta.ts';
import { envelopeOf, permitFaults } from './plan-envelope.ts';

const PLAN = validatePlan({
  version: 1,
  title: 'T',
  inputs: { x: {} },
  nodes: [
    { id: 'look', kind: 'process', with: { argv: ['git', 'log'] } },
    { id: 's', kind: 'subplan', needs: ['look'], with: { from: 'nodes.look.output' } },
    { id: 'beside', kind: 'noop' },
  ],
});
const ENVELOPE = envelopeOf(PLAN);
const PLACE = { plan: PLAN, visible: new Set(['look']), variables: ['item'], depth: 2, envelope: ENVELOPE };

const faultsOf = (value: Json): string[] => checkAdded(value, PLACE).faults.map(({ code }) => code);
function added(value: Json): AddedNodes {
  const { added: found, faults } = checkAdded(value, PLACE);
  if (!found) throw new Error(JSON.stringify(faults));
  return found;
}
const delta = (value: Json, place = { depth: 2, room: 10 }): Delta | null => deltaOf(ENVELOPE, added(value).nodes, place);
const run = (...argv: string[]): JsonObject => ({ id: 'a', kind: 'process', with: { argv } });
const noop = (id: string, needs: string[] = []): JsonObject => ({ id, kind: 'noop', needs });

describe('nodes that are added', () => {
  it('may read what the node that adds them may, the variables around it, the inputs and each other', () => {
    const value = { id: 'v', kind: 'value', needs: ['a'], with: { value: '${{ [nodes.look.output, nodes.a.output, item, inputs.x] }}' } };
    expect(added({ nodes: [noop('a'), value], output: 'nodes.v.output', reason: 'because' })).toMatchObject({
      output: 'nodes.v.output',
      reason: 'because',
    });
    expect(added([noop('a')])).toMatchObject({ output: undefined, reason: '' });
  });

  it.each<[string, Json, string[]]>([
    ['what is no list', 'text', ['INVALID_TYPE']],
    ['an empty list', [], ['TOO_SMALL']],
    ['unknown fields', { nodes: [noop('a')], envelope: {} }, ['UNRECOGNIZED_KEYS']],
    ['unknown kinds', [{ id: 'a', kind: 'shell' }], ['UNKNOWN_KIND']],
    ['cycles', [noop('a', ['b']), noop('b', ['a'])], ['CYCLE']],
    ['a cycle with the node that adds them', [noop('a', ['s'])], ['UNKNOWN_NEED']],
    ['needs that are nodes of the plan', [noop('a', ['look'])], ['UNKNOWN_NEED']],
    ['ids that the plan has', [noop('beside')], ['DUPLICATE_ID']],
    ['ids that are given twice', [noop('a'), noop('a')], ['DUPLICATE_ID']],
    [
      'references to nodes that are not upstream',
      [{ id: 'a', kind: 'transform', with: { expr: 'nodes.beside.output' } }],
      ['REF_NOT_UPSTREAM'],
    ],
    ['an output that reads what is not there', { nodes: [noop('a')], output: 'nodes.gone.output' }, ['REF_NOT_UPSTREAM']],
    ['programs that nobody knows', [run('${{ nodes.look.output.stdout }}')], ['DYNAMIC_ROOT']],
    ['hosts that nobody knows', [{ id: 'a', kind: 'http', with: { url: '${{ inputs.x }}' } }], ['DYNAMIC_ROOT']],
  ])('are refused as a whole: %s', (_what, value, codes) => {
    expect(faultsOf(value)).toEqual(expect.arrayContaining(codes));
  });

  it('never make the check throw', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(checkAdded(value as Json, PLACE).added === null).toBe(faultsOf(value as Json).length > 0);
      }),
    );
  });
});

describe('the delta', () => {
  it('is null for what the envelope grants', () => {
    expect(delta([run('git', 'log')])).toBeNull();
  });

  it('names exactly what is missing', () => {
    const found = delta([
      run('git', 'log', '-1'),
      { id: 'b', kind: 'patch', with: { files: [{ path: 'docs/a.md', content: 'x' }] } },
      { id: 'c', kind: 'http', with: { url: 'https://a.example/x', secret_headers: { a: '${TOKEN}' } } },
      { id: 'd', kind: 'llm', with: { prompt: 'x' } },
      { id: 'e', kind: 'notify', with: { webhook: 'team', text: 'x' } },
      { id: 'm', kind: 'map', with: { over: [1], max_items: 20, nodes: [noop('n')] } },
    ]);
    expect(found).toEqual({
      kinds: ['http', 'llm', 'map', 'notify', 'patch'],
      commands: [['git', 'log', '-1']],
      paths: { read: [], write: ['docs/a.md'] },
      hosts: ['a.example'],
      tools: ['webhook/team'],
      models: ['auto/default'],
      secrets: ['TOKEN'],
      more_nodes: 16,
      max_depth: 3,
    });
    expect(found === null ? [] : deltaLines(found)).toContain('command: git log -1');
  });

  it('once it is granted covers all that was asked for, and nothing else', () => {
    const argv = fc.array(fc.constantFrom('git', 'make', '-v', '*', 'a b', '${{ inputs.x }}', '**'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(argv, (rest) => {
        const { nodes } = added([run('make', ...rest)]);
        const found = deltaOf(ENVELOPE, nodes, { depth: 2, room: 10 });
        expect(found).not.toBeNull();
        const wide = widened(ENVELOPE, found === null ? [] : [found]);
        expect(deltaOf(wide, nodes, { depth: 2, room: 10 })).toBeNull();
        expect(permitFaults(wide, { kind: 'process', with: { argv: ['rm', '-rf'], write: [] } })).toHaveLength(1);
      }),
    );
    expect(deltaOf(widened(ENVELOPE, []), added([run('make')]).nodes, { depth: 2, room: 10 })).toMatchObject({ commands: [['make']] });
  });

  it('is of high risk when a rule for plans says so, and never of low', () => {
    const riskOf = (value: Json): string => {
      const found = delta(value);
      return found === null ? 'none' : addedRisk(added(value).nodes, found).risk;
    };
    expect(riskOf([noop('a')])).toBe('none');
    expect(riskOf([{ id: 'a', kind: 'value', with: { value: 1 } }])).toBe('medium');
    expect(riskOf([run('make')])).toBe('medium');
    expect(riskOf([run('sh', '-c', 'echo ${{ inputs.x }}')])).toBe('high');
    expect(riskOf([{ id: 'c', kind: 'http', with: { url: 'https://a.example', secret_headers: { a: '${TOKEN}' } } }])).toBe('high');
  });
});
