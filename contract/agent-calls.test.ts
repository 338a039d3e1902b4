import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorText, judgeCall, offerOf, resultText } from './agent-calls.ts';
import { AgentToolsSchema, toolEffects, toolKinds } from './agent-tools.ts';
import { outsideOf } from './envelope.ts';
import type { JsonObject } from './json.ts';
import { checkPlan, validatePlan } from './plan-check.ts';
import { envelopeOf, permitFaults } from './plan-envelope.ts';
import { NODE_KINDS } from './nodes/index.ts';

const ALL = AgentToolsSchema.parse({
  files: true,
  commands: [['git', 'log', '**']],
  write: ['notes/**'],
  mcp: ['sums/add', 'sums/a.dd', 'gone/away'],
  agents: ['poet'],
  ask: true,
});
const described = { description: 'Adds', input_schema: { type: 'object' } };
const offer = offerOf(ALL, { 'sums/add': described, 'sums/a.dd': described, 'other/tool': described });
const planOf = (tools: object, more: object = {}): JsonObject =>
  JSON.parse(
    JSON.stringify({ version: 1, title: 'T', nodes: [{ id: 'a', kind: 'agent', with: { task: 'x', tools } }], ...more }),
  ) as JsonObject;

describe('the tools of an agent', () => {
  it('are those that its node states and no others, under names that protocols take and that differ', () => {
    const names = [...offer.keys()];
    expect(names).toEqual([
      'list_files',
      'read_file',
      'search_files',
      'run_command',
      'change_files',
      'delegate',
      'ask_person',
      'mcp_sums_add',
      'mcp_sums_a_dd',
    ]);
    expect([...offerOf(AgentToolsSchema.parse({}), { 'sums/add': described }).keys()]).toEqual([]);
    expect(names.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name))).toBe(true);
  });

  it('make nodes of which the file tools always lie inside of what the node may touch, whatever is read or looked for', () => {
    const own = toolEffects(AgentToolsSchema.parse({ files: true }));
    const path = fc.oneof(fc.constantFrom('.', '-rf', './-x', 'a b/*.md', '*'), fc.string({ minLength: 1, maxLength: 20 }));
    fc.assert(
      fc.property(path, fc.string({ minLength: 1, maxLength: 40 }), fc.nat(), (place, text, line) => {
        for (const [name, given] of [
          ['list_files', { path: place }],
          ['read_file', { path: place, from_line: line + 1 }],
          ['search_files', { text, path: place }],
        ] as const) {
          const judged = judgeCall(offer, { name, arguments: given, fault: null });
          if ('refused' in judged) continue;
          const argv = judged.made.with['argv'] as string[];
          const escaped = argv.map((word) => word.replaceAll('\\', '\\\\').replaceAll('*', '\\*'));
          expect(outsideOf({ ...own, paths: { read: ['**'], write: [] } }, { ...own, commands: [escaped] })).toEqual([]);
          expect(argv.at(-1)).toMatch(/^\.\//);
        }
      }),
    );
  });

  it('answer whatever a model can ask for with a node or a sentence, and throw nothing', () => {
    const names = fc.oneof(fc.constantFrom(...offer.keys()), fc.string());
    fc.assert(
      fc.property(names, fc.dictionary(fc.string(), fc.jsonValue()), (name, given) => {
        const judged = judgeCall(offer, { name, arguments: given as JsonObject, fault: null });
        const isSound = 'made' in judged ? NODE_KINDS[judged.made.kind].with.safeParse(judged.made.with).success : judged.refused !== '';
        expect(isSound).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never leave the workspace and never become an option', () => {
    const refused = (name: string, given: object): boolean =>
      'refused' in judgeCall(offer, { name, arguments: given as JsonObject, fault: null });
    for (const path of ['../x', '/etc/passwd', '.git/config', '--version', 'a/../../b']) {
      expect([path, refused('read_file', { path }), refused('change_files', { files: [{ path, content: 'x' }] })]).toEqual([
        path,
        true,
        true,
      ]);
    }
    expect(refused('delegate', { agent: 'stranger', task: 'x' })).toBe(true);
  });
});

describe('a plan with an agent', () => {
  it('has an envelope that holds what its tools are and what its steps need', () => {
    const plan = validatePlan(planOf({ ...ALL, mcp: ['sums/add'] }));
    const envelope = envelopeOf(plan);
    expect(envelope).toMatchObject({
      kinds: ['agent', 'delegate', 'gate', 'llm', 'mcp_tool', 'patch', 'process'],
      tools: ['agent/poet', 'sums/add'],
      paths: { read: ['**'], write: ['notes/**'] },
      models: ['auto/default'],
      max_depth: 2,
      max_nodes: 71,
    });
    expect(permitFaults(envelope, { kind: 'process', with: { argv: ['git', 'log', '-1'], write: [] } })).toEqual([]);
    expect(permitFaults(envelope, { kind: 'process', with: { argv: ['git', 'push'], write: [] } })).toHaveLength(1);
    expect(toolKinds(AgentToolsSchema.parse({}))).toEqual(['llm']);
  });

  it('is refused when a stated envelope is narrower than its tools, or a tool is only known at run time', () => {
    const codes = (plan: JsonObject): string[] => checkPlan(plan).faults.map(({ code, path }) => `${code} ${path}`);
    expect(codes(planOf({ ask: true }, { envelope: { kinds: ['agent', 'llm'] } }))).toEqual(['ENVELOPE_NARROWER envelope.kinds']);
    expect(codes(planOf({ ask: true }, { envelope: { max_depth: 1 } }))).toEqual(['ENVELOPE_NARROWER envelope.max_depth']);
    expect(codes(planOf({ commands: [['git', 'log']] }, { envelope: { commands: [] } }))).toEqual(['ENVELOPE_NARROWER envelope.commands']);
    expect(codes(planOf({ commands: [['${{ inputs.x }}']] }))).toEqual(['CUSTOM nodes[0].with.tools.commands[0][0]']);
  });
});

it('tells a model of a result what it can use, cut where it is long', () => {
  expect(resultText('process', { exit_code: 1, stdout: 'out', stderr: 'err' }, 100)).toBe('out\n[stderr]\nerr\n[exit code 1]');
  expect(resultText('mcp_tool', { text: '', structured: { sum: 42 } }, 100)).toBe('{"sum":42}');
  expect(resultText('gate', { decision: 'approved', comment: 'yes', by: 'x' }, 100)).toContain('"comment":"yes"');
  expect(resultText('process', { exit_code: 0, stdout: 'x'.repeat(300), stderr: '' }, 200)).toBe(
    `${'x'.repeat(200)}\n[cut: the first 200 of 300 characters]`,
  );
  expect(resultText('process', null, 100)).toContain('nobody knows');
  expect(errorText({ code: 'TIMEOUT', message: 'It took too long.' })).toBe('TIMEOUT: It took too long.');
});
