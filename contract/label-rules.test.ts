import { describe, expect, it } from 'vitest';
import { EnvelopeSchema, type EnvelopeStatement } from './envelope.ts';
import { namedIn, flowKey, openFlows } from './label-rules.ts';
import { CLEAN, FOREIGN, INTERNAL, join, OUTSIDE, type Label } from './labels.ts';
import type { NodeKind } from './nodes/index.ts';
import { deltaOf } from './plan-delta.ts';
import { validatePlan } from './plan-check.ts';

const asked = (kind: NodeKind, value: object, all: Label, more: { choice?: Label; flows?: string[]; node?: string } = {}): string[] => {
  const labels = { choice: more.choice ?? CLEAN, all };
  return openFlows({ node: more.node ?? 'n', kind, with: value, labels }, { flows: more.flows ?? [] }).map(({ rule }) => rule);
};
const http = { method: 'POST', url: 'https://example.com/x', body: 'b' };
const notify = { webhook: 'team', text: 't' };
const tool = { server: 'mail', tool: 'send', arguments: {} };
const secret: Label = { ...CLEAN, confidentiality: 'secret' };

describe('what a person is asked about', () => {
  it.each([
    ['a request with private data and untrusted text', 'http', http, OUTSIDE, ['PRIVATE_DATA_LEAVES']],
    ['a message with them', 'notify', notify, OUTSIDE, ['PRIVATE_DATA_LEAVES']],
    ['a tool that gets them', 'mcp_tool', tool, OUTSIDE, ['PRIVATE_DATA_LEAVES']],
    ['a secret, whoever wrote what goes with it', 'http', http, secret, ['PRIVATE_DATA_LEAVES']],
    ['private data that nobody else touched', 'http', http, INTERNAL, []],
    ['what anybody can read', 'http', http, FOREIGN, []],
    [
      'a program that reaches a host',
      'process',
      { argv: ['curl', '-d@-'], write: [], hosts: ['example.com'] },
      OUTSIDE,
      ['PRIVATE_DATA_LEAVES'],
    ],
    ['what stays on this machine', 'process', { argv: ['cat', '-'], write: [] }, OUTSIDE, []],
    ['a model that reads them', 'llm', { prompt: 'p', provider: 'auto' }, OUTSIDE, []],
  ] as const)('%s', (_what, kind, value, label, rules) => {
    expect(asked(kind, value, label)).toEqual(rules);
  });

  it('is untrusted text that chooses what is run, whatever it chooses', () => {
    const value = { argv: ['make', 'all'], write: [] };
    expect(asked('process', value, OUTSIDE, { choice: OUTSIDE })).toEqual(['UNTRUSTED_CHOICE']);
    expect(asked('process', value, OUTSIDE, { choice: INTERNAL })).toEqual([]);
    expect(asked('http', http, OUTSIDE, { choice: FOREIGN })).toEqual(['UNTRUSTED_CHOICE', 'PRIVATE_DATA_LEAVES']);
  });

  it('is asked for each effect with its value, and once', () => {
    const flows = [flowKey({ node: 'n', with: http })];
    expect(asked('http', http, OUTSIDE, { choice: OUTSIDE, flows })).toEqual([]);
    expect(asked('http', { ...http, body: 'other' }, OUTSIDE, { flows })).toEqual(['PRIVATE_DATA_LEAVES']);
    expect(asked('http', http, OUTSIDE, { flows, node: 'm[1].n' })).toEqual(['PRIVATE_DATA_LEAVES']);
  });

  it('is less where the plan states that a node sends private data, and no less of what is run', () => {
    expect(asked('http', http, OUTSIDE, { flows: ['n'], node: 'm[3].n' })).toEqual([]);
    expect(asked('mcp_tool', tool, OUTSIDE, { flows: ['fix'], node: 'fix[1].send_1' })).toEqual([]);
    expect(asked('mcp_tool', tool, OUTSIDE, { flows: ['fi'], node: 'fix[1].send_1' })).toEqual(['PRIVATE_DATA_LEAVES']);
    expect(asked('http', http, OUTSIDE, { flows: ['n'], node: 'm[3].other' })).toEqual(['PRIVATE_DATA_LEAVES']);
    expect(asked('http', http, OUTSIDE, { flows: ['n'], choice: join(OUTSIDE, FOREIGN) })).toEqual(['UNTRUSTED_CHOICE']);
  });
});

describe('nodes that untrusted text wrote', () => {
  const BUDGET = { usd: 1, tokens: 1, wall_ms: 1000 };
  const beyond = (granted: EnvelopeStatement, node: object): object | null => {
    const envelope = EnvelopeSchema.parse({
      kinds: ['process', 'http', 'mcp_tool', 'llm', 'patch'],
      commands: [],
      paths: {
        read: ['**'],
        write: ['**'],
      },
      hosts: [],
      tools: [],
      models: [],
      secrets: [],
      budget: BUDGET,
      max_nodes: 10,
      max_depth: 3,
      max_parallel: 1,
      ...granted,
    });
    const { nodes } = validatePlan({ version: 1, title: 'T', envelope: { ...granted }, nodes: [{ id: 'n', ...node }] });
    return deltaOf(namedIn(envelope, true), nodes, { depth: 1, room: 10 });
  };
  const command = (...argv: string[]): object => ({ kind: 'process', with: { argv } });

  it.each([
    ['a program that a star leaves open', { commands: [['*', '**']] }, command('curl', 'x')],
    ['a shell text that a star leaves open', { commands: [['sh', '-c', '*']] }, command('sh', '-c', 'curl x')],
    ['a shell whose arguments are open', { commands: [['bash', '**']] }, command('bash', '-c', 'curl x')],
    [
      'a shell text behind what starts it',
      { commands: [['timeout', '5', 'sh', '-c', '*']] },
      command('timeout', '5', 'sh', '-c', 'curl x'),
    ],
    ['a program behind what starts it', { commands: [['nice', '**']] }, command('nice', 'curl', 'x')],
    ['a program text by another option', { commands: [['node', '-p', '*']] }, command('node', '-p', '1')],
    ['a script', { commands: [['python3', '*']] }, command('python3', 'evil.py')],
    ['a command for what is found', { commands: [['find', '.', '**']] }, command('find', '.', '-exec', 'rm', ';')],
    ['the text of a shell by its input', { commands: [['sh']] }, { kind: 'process', with: { argv: ['sh'], stdin: 'curl x' } }],
    [
      'such a text where any is granted',
      { commands: [['sh', '<<<', '*'], ['sh']] },
      { kind: 'process', with: { argv: ['sh'], stdin: 'x' } },
    ],
    ['a folder to run in', { commands: [['env', '-C', '*', 'make']] }, command('env', '-C', 'evil', 'make')],
    ['a variable that names programs', { commands: [['env', 'PATH=*', 'make']] }, command('env', 'PATH=evil', 'make')],
    ['a host that a star leaves open', { hosts: ['*.example.com'] }, { kind: 'http', with: { url: 'https://evil.example.com/' } }],
    ['a tool that a star leaves open', { tools: ['mail/*'] }, { kind: 'mcp_tool', with: { server: 'mail', tool: 'send' } }],
    ['a model that a star leaves open', { models: ['paid/*'] }, { kind: 'llm', with: { prompt: 'p', provider: 'paid', model: 'm' } }],
  ] as const)('do not choose %s', (_what, granted, node) => {
    expect(beyond(granted as unknown as EnvelopeStatement, node)).not.toBeNull();
  });

  it.each([
    ['a program by its name', { commands: [['git', 'log', '**']] }, command('git', 'log', '-1')],
    ['a host by its name', { hosts: ['api.example.com'] }, { kind: 'http', with: { url: 'https://api.example.com/any' } }],
    ['any word for a script that was read', { commands: [['python3', 'tools/x.py', '**']] }, command('python3', 'tools/x.py', '-c', 'x')],
    ['a value of another variable', { commands: [['env', 'TITLE=*', 'make']] }, command('env', 'TITLE=any', 'make')],
    ['a shell text that was read', { commands: [['sh', '-c', 'make "$1"', 'x', '*']] }, command('sh', '-c', 'make "$1"', 'x', 'all')],
  ] as const)('choose %s', (_what, granted, node) => {
    expect(beyond(granted as unknown as EnvelopeStatement, node)).toBeNull();
  });
});
