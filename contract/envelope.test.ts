import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandCovers } from './commands/form.ts';
import type { JsonObject } from './json.ts';
import { EnvelopeSchema, outsideOf } from './envelope.ts';
import { pathCovers, wordCovers } from './pattern.ts';
import { checkPlan, validatePlan } from './plan-check.ts';
import { envelopeOf, permitFaults } from './plan-envelope.ts';
import type { PlanNode } from './plan.ts';

const planOf = (nodes: JsonObject[], more: JsonObject = {}) => validatePlan({ version: 1, title: 'T', nodes, ...more });

const PROCESS: JsonObject = {
  id: 'build',
  kind: 'process',
  with: { argv: ['make', '-C', '${{ inputs.folder }}', 'all*'], write: ['out'] },
};
const PATCH: JsonObject = {
  id: 'write',
  kind: 'patch',
  needs: ['build'],
  with: { files: [{ path: 'docs/${{ inputs.folder }}.md', content: 'x' }], validate: [['test', '-s', 'docs'], ['true']] },
};
const INPUTS: JsonObject = { inputs: { folder: {} } };

/** The node as it is once its references are known. */
function rendered(kind: PlanNode['kind'], value: JsonObject): Pick<PlanNode, 'kind' | 'with'> {
  const [node] = planOf([{ id: 'n', kind, with: value }], {
    envelope: { commands: [['**', '**'], ['*']], paths: { read: ['**'], write: ['**'] } },
  }).nodes;
  if (!node) throw new Error('there is no node');
  return node;
}

describe('the envelope of a plan', () => {
  it('fits its own schema, whatever arguments the commands have, so that every draft can be shown', () => {
    const argv = ['git', '', '*'.repeat(100_000), ...Array.from({ length: 250 }, () => '')];
    const envelope = envelopeOf(planOf([{ id: 'n', kind: 'process', with: { argv } }]));
    expect(EnvelopeSchema.parse(envelope)).toEqual(envelope);
  });

  it('is computed from its nodes: references become stars, stars of the text are escaped', () => {
    expect(envelopeOf(planOf([PROCESS, PATCH], INPUTS))).toMatchObject({
      kinds: ['patch', 'process'],
      commands: [['make', '-C', '*', 'all\\*'], ['test', '-s', 'docs'], ['true']],
      paths: { read: ['**'], write: ['docs/*.md', 'out/**'] },
      hosts: [],
      models: [],
      max_nodes: 2,
      max_depth: 1,
    });
  });

  it('counts the nodes of a map once for each item that it may have', () => {
    const map: JsonObject = {
      id: 'm',
      kind: 'map',
      with: {
        over: [1],
        max_items: 50,
        nodes: [
          { id: 'a', kind: 'noop' },
          { id: 'b', kind: 'noop' },
        ],
      },
    };
    expect(envelopeOf(planOf([map]))).toMatchObject({ max_nodes: 101, max_depth: 2, kinds: ['map', 'noop'] });
  });

  it('counts the nodes of a loop once for each round that it may have', () => {
    const loop: JsonObject = { id: 'l', kind: 'loop', with: { max: 7, nodes: [{ id: 'a', kind: 'noop' }] } };
    expect(envelopeOf(planOf([loop]))).toMatchObject({ max_nodes: 8, max_depth: 2, kinds: ['loop', 'noop'] });
  });

  it('is what the plan states where it states something', () => {
    const stated = { commands: [['make', '**'], ['test', '**'], ['true']], max_parallel: 3 };
    expect(envelopeOf(planOf([PROCESS, PATCH], { ...INPUTS, envelope: stated }))).toMatchObject({ ...stated, paths: { read: ['**'] } });
  });

  it('names the model of an llm node, or that it is the default of the provider', () => {
    const llm = (value: JsonObject): JsonObject => ({ id: 'l', kind: 'llm', with: { prompt: 'x', ...value } });
    expect(envelopeOf(planOf([llm({})])).models).toEqual(['auto/default']);
    expect(envelopeOf(planOf([llm({ provider: 'openai', model: 'm-1' })])).models).toEqual(['openai/m-1']);
  });
});

describe('the permit', () => {
  const envelope = envelopeOf(planOf([PROCESS, PATCH], INPUTS));

  it('is given for what was approved', () => {
    expect(permitFaults(envelope, rendered('process', { argv: ['make', '-C', 'src', 'all*'], write: ['out'] }))).toEqual([]);
    expect(permitFaults(envelope, rendered('patch', { files: [{ path: 'docs/src.md', content: 'y' }], validate: ['true'] }))).toEqual([]);
  });

  it.each<[string, PlanNode['kind'], JsonObject, string]>([
    ['another program', 'process', { argv: ['rm', '-C', 'src', 'all*'] }, 'commands'],
    ['one argument more', 'process', { argv: ['make', '-C', 'src', 'all*', 'install'] }, 'commands'],
    ['a value that became an option', 'process', { argv: ['make', '-C', '--eval=x', 'all*'] }, 'commands'],
    ['text in place of an escaped star', 'process', { argv: ['make', '-C', 'src', 'allthings'] }, 'commands'],
    ['another folder to write', 'process', { argv: ['make', '-C', 'src', 'all*'], write: ['src'] }, 'paths.write'],
    ['a path with a slash where one name was approved', 'patch', { files: [{ path: 'docs/a/b.md', content: '' }] }, 'paths.write'],
    ['a kind that is not in the plan', 'noop', {}, 'kinds'],
  ])('is refused for %s', (_, kind, value, part) => {
    expect(permitFaults(envelope, rendered(kind, value)).map((outside) => outside.part)).toEqual([part]);
  });
});

describe('what is only known at run time', () => {
  it.each<[string, JsonObject]>([
    ['the program', { id: 'a', kind: 'process', with: { argv: ['${{ inputs.folder }}', 'x'] } }],
    ['the first part of a written path', { id: 'a', kind: 'patch', with: { files: [{ path: '${{ inputs.folder }}/a.md', content: '' }] } }],
    ['the whole diff', { id: 'a', kind: 'patch', with: { diff: '${{ inputs.folder }}' } }],
  ])('%s must be stated in the envelope', (_, node) => {
    const plan = { version: 1, title: 'T', nodes: [node], ...INPUTS };
    expect(checkPlan(plan).faults).toMatchObject([{ node: 'a', code: 'DYNAMIC_ROOT' }]);
    const envelope = { commands: [['*', 'x']], paths: { read: ['**'], write: ['**'] } };
    expect(checkPlan({ ...plan, envelope }).faults).toEqual([]);
  });
});

describe('what is granted', () => {
  const NONE = { commands: [], hosts: [], tools: [], models: [], secrets: [] };
  const word = fc.constantFrom('a', 'b', '*', '**', '-x', '..', 'a/*', '../a');
  const words = fc.array(word, { maxLength: 4 });

  it('is what one of the patterns covers, whether or not it stands there in just these words', () => {
    fc.assert(
      fc.property(words, words, word, fc.array(words, { maxLength: 3 }), words, (write, hosts, item, commands, argv) => {
        const grants = { ...NONE, paths: { read: [], write }, hosts, commands };
        const outside = outsideOf(grants, { ...NONE, read: [], write: [item], hosts: [item], commands: [argv] }).map(({ part }) => part);
        expect(outside.includes('paths.write')).toBe(!write.some((pattern) => pathCovers(pattern, item)));
        expect(outside.includes('hosts')).toBe(!hosts.some((pattern) => wordCovers(pattern, item)));
        expect(outside.includes('commands')).toBe(!commands.some((pattern) => commandCovers(pattern, argv)));
      }),
      { numRuns: 2000 },
    );
  });
});
