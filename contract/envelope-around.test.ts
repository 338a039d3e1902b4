/** What stands around a command, and what a request does, are part of what is approved, granted and asked for. */
import { describe, expect, it } from 'vitest';
import type { EnvelopeStatement } from './envelope.ts';
import { EnvelopeSchema } from './envelope.ts';
import { envelopeOutside } from './envelope-within.ts';
import { capabilitiesOf } from './capabilities.ts';
import { addedRisk } from './findings/added.ts';
import type { JsonObject } from './json.ts';
import { namedIn } from './label-rules.ts';
import type { NodeKind } from './nodes/index.ts';
import { checkPlan, validatePlan } from './plan-check.ts';
import { deltaLines, deltaOf, widened } from './plan-delta.ts';
import { envelopeOf, permitFaults } from './plan-envelope.ts';
import type { Plan } from './plan.ts';
import { sentenceOf } from './sentence.ts';
import { grantEnvelope } from './standing-grant.ts';

const ARGV = ['node', 'src/a.js'];
const EVIL = { NODE_OPTIONS: '--import=data:,x' };
const STATUS = 'https://api.example.org/status';
const INPUTS = { inputs: { x: {} } };

const node = (kind: string, value: JsonObject): JsonObject => ({ id: 'a', kind, with: value });
const planOf = (kind: string, value: JsonObject, envelope?: EnvelopeStatement): Plan =>
  validatePlan({ version: 1, title: 'T', nodes: [node(kind, value)], ...INPUTS, ...(envelope === undefined ? {} : { envelope }) });
const faultsOf = (kind: string, value: JsonObject, envelope?: EnvelopeStatement): string[] =>
  checkPlan({ version: 1, title: 'T', nodes: [node(kind, value)], ...(envelope === undefined ? {} : { envelope }) }).faults.map(
    ({ code, message }) => `${code} ${message}`,
  );
const permit = (plan: Plan, kind: NodeKind, value: JsonObject): string[] =>
  permitFaults(envelopeOf(plan), { kind, with: { write: [], method: 'GET', ...value } }).map(({ part, pattern }) => `${part} ${pattern}`);

describe('the envelope of a plan', () => {
  it('holds its commands with folder, variables and input, and its requests that change something', () => {
    const value = { argv: ARGV, cwd: 'src', env: { B: '${{ inputs.x }}', A: '*' }, stdin: 'text' };
    expect(envelopeOf(planOf('process', value)).commands).toEqual([
      ['env', '-C', 'src', 'A=\\*', 'B=*', 'node', 'src/a.js', '<<<', 'text'],
    ]);
    expect(envelopeOf(planOf('http', { url: STATUS, method: 'POST' }))).toMatchObject({
      hosts: ['api.example.org'],
      requests: ['POST api.example.org'],
    });
  });

  it('is what it was where nothing stands around a command and requests only ask', () => {
    expect(envelopeOf(planOf('process', { argv: ARGV })).commands).toEqual([ARGV]);
    expect(envelopeOf(planOf('http', { url: STATUS }))).not.toHaveProperty('requests');
    expect(envelopeOf(planOf('http', { url: STATUS, method: 'HEAD' }))).not.toHaveProperty('requests');
  });

  it('that states a command has what the plan itself puts around it, and nothing else', () => {
    const stated = { commands: [['node', '**']] };
    const envelope = envelopeOf(planOf('process', { argv: ARGV, env: { A: '1' } }, stated));
    expect(envelope.commands).toEqual([
      ['node', '**'],
      ['env', 'A=1', 'node', 'src/a.js'],
    ]);
    const more = validatePlan({ version: 1, title: 'T', nodes: [node('process', { argv: ['node', 'b.js'], env: { A: '1' } })] }).nodes;
    expect(deltaOf(envelope, more, { depth: 1, room: 1 })?.commands).toEqual([['env', 'A=1', 'node', 'b.js']]);
    expect(envelopeOf(planOf('process', { argv: ARGV }, stated)).commands).toEqual(stated.commands);
    expect(faultsOf('process', { argv: ['npm'], env: { A: '1' } }, stated)).toEqual([expect.stringContaining('ENVELOPE_NARROWER')]);
  });

  it('that states its requests may not be narrower than its nodes', () => {
    const post = { url: STATUS, method: 'POST' };
    expect(faultsOf('http', post, { requests: [] })).toEqual(['ENVELOPE_NARROWER the request `POST api.example.org` is not granted']);
    expect(faultsOf('http', post, { requests: ['POST *'] })).toEqual([]);
    expect(faultsOf('http', post, { hosts: ['api.example.org'] })).toEqual([]);
  });

  it('must name a program that is only known at run time, whatever stands around it', () => {
    const value = { argv: ['${{ inputs.x }}'], env: { A: '1' }, stdin: 'x' };
    const plan = { version: 1, title: 'T', nodes: [node('process', value)], ...INPUTS };
    expect(checkPlan(plan).faults).toMatchObject([{ code: 'DYNAMIC_ROOT' }]);
    expect(checkPlan({ ...plan, envelope: { commands: [['*']] } }).faults).toEqual([]);
  });

  it('takes as many variables as a command may have', () => {
    const env = (count: number): JsonObject => Object.fromEntries(Array.from({ length: count }, (_none, at) => [`V${at}`, '']));
    const envelope = envelopeOf(planOf('process', { argv: Array.from({ length: 256 }, () => 'x'), cwd: 'src', env: env(500), stdin: 'x' }));
    expect(EnvelopeSchema.safeParse(envelope).success).toBe(true);
    expect(faultsOf('process', { argv: ARGV, env: env(501) })).toEqual([expect.stringContaining('at most 500 variables')]);
  });

  it.each([
    ['a command', 'process', { argv: ['cat', '<<<', 'x'] }],
    ['a check of a patch', 'patch', { files: [{ path: 'a.md', content: '' }], validate: ['cat', '<<<', 'x'] }],
    ['a check of an agent', 'agent', { task: 'x', tools: { write: ['a.md'], validate: [['cat', '<<<', 'x']] } }],
  ])('keeps `<<<` for inputs: %s may not have it as an argument', (_what, kind, value) => {
    expect(faultsOf(kind, value)).toEqual([expect.stringContaining('what a command reads is given in `stdin`')]);
  });
});

describe('the permit', () => {
  const plan = planOf('process', { argv: ARGV, env: { A: '${{ inputs.x }}' } });

  it('is given for what was approved', () => {
    expect(permit(plan, 'process', { argv: ARGV, env: { A: '2' } })).toEqual([]);
    expect(permit(planOf('http', { url: STATUS, method: 'PUT' }), 'http', { url: `${STATUS}/x`, method: 'PUT' })).toEqual([]);
  });

  it.each<[string, Plan, NodeKind, JsonObject, string]>([
    [
      'a variable',
      plan,
      'process',
      { argv: ARGV, env: { A: '2', ...EVIL } },
      'commands env A=2 NODE_OPTIONS=--import=data:,x node src/a.js',
    ],
    ['no variable', plan, 'process', { argv: ARGV }, 'commands node src/a.js'],
    ['a folder', plan, 'process', { argv: ARGV, env: { A: '2' }, cwd: 'evil' }, 'commands env -C evil A=2 node src/a.js'],
    ['an input', plan, 'process', { argv: ARGV, env: { A: '2' }, stdin: 'evil' }, 'commands env A=2 node src/a.js <<< evil'],
    ['a method', planOf('http', { url: STATUS }), 'http', { url: STATUS, method: 'DELETE' }, 'requests DELETE api.example.org'],
  ])('is refused for %s that was not', (_what, approved, kind, value, outside) => {
    expect(permit(approved, kind, value)).toEqual([outside]);
  });
});

describe('nodes that are added', () => {
  const envelope = { ...envelopeOf(planOf('process', { argv: ARGV })), hosts: ['api.example.org'], kinds: ['process', 'http'] };
  const added = (...nodes: JsonObject[]) =>
    validatePlan({ version: 1, title: 'T', nodes: nodes.map((item, at) => ({ ...item, id: `n${at}` })) }).nodes;
  const place = { depth: 1, room: 9 };

  it('are asked about with all that is around a command, and with what a request does', () => {
    const nodes = added(
      node('process', { argv: ARGV, env: EVIL }),
      node('process', { argv: ARGV, stdin: 'x'.repeat(100_000) }),
      node('http', { url: STATUS, method: 'DELETE' }),
    );
    const delta = deltaOf(envelope, nodes, place);
    if (delta === null) throw new Error('nothing is asked');
    expect(deltaLines(delta)).toEqual([
      'command: env NODE_OPTIONS=--import=data:,x node src/a.js',
      expect.stringMatching(/^command: node src\/a\.js <<< sha256:[0-9a-f]{64}$/),
      'request: DELETE api.example.org',
    ]);
    expect(addedRisk(nodes, delta).findings.map(({ evidence }) => evidence)).toContainEqual(
      expect.stringContaining('DELETE api.example.org'),
    );
    expect(deltaOf(widened(envelope, [delta]), nodes, place)).toBeNull();
    expect(deltaOf(widened(envelope, [delta]), added(node('process', { argv: ARGV, stdin: 'y'.repeat(100_000) })), place)).not.toBeNull();
  });

  it('that untrusted text wrote choose no variable, folder, or text of a shell', () => {
    const named = (...words: string[]): number => namedIn({ ...envelope, commands: [words] }, true).commands.length;
    expect(named('env', 'A=1', '-x')).toBe(1);
    expect(named('env', '-C', 'src', 'A=1', 'node', 'a.js', '*', '<<<', 'x')).toBe(1);
    expect(named('grep', 'x', '<<<', '*')).toBe(1);
    expect(named('sh', '<<<', '*')).toBe(0);
    expect(named('env', 'NODE_OPTIONS=*', 'node', 'a.js')).toBe(0);
    expect(named('env', '-C', '*', 'npm', 'test')).toBe(0);
    expect(named('env', 'A=1', '*')).toBe(0);
    expect(named('env', 'A=1', 'sh', '-c', '*')).toBe(0);
  });
});

describe('one envelope inside of another', () => {
  it('counts requests, which a grant that does not name them does not give', () => {
    const wanted = envelopeOf(planOf('http', { url: STATUS, method: 'POST' }));
    const grant = grantEnvelope({ ...wanted, requests: undefined });
    expect(envelopeOutside(grant, wanted).map(({ message }) => message)).toEqual(['the request `POST api.example.org` is not granted']);
    expect(envelopeOutside(grantEnvelope(wanted), wanted)).toEqual([]);
  });
});

describe('what is shown', () => {
  it('is the whole command, and the request', () => {
    const plan = planOf('process', { argv: ARGV, env: EVIL });
    expect(sentenceOf(plan, envelopeOf(plan), null)).toContain('1 command (`env NODE_OPTIONS=--import=data:,x node src/a.js`)');
    expect(capabilitiesOf(plan, envelopeOf(plan))).toContainEqual({
      type: 'command',
      value: 'env NODE_OPTIONS=--import=data:,x node src/a.js',
      nodes: ['a'],
    });
    const post = planOf('http', { url: STATUS, method: 'POST' });
    expect(capabilitiesOf(post, envelopeOf(post))).toContainEqual({ type: 'request', value: 'POST api.example.org', nodes: ['a'] });
  });
});
