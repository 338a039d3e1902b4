import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from '../capabilities.ts';
import { findingsOf, riskOf, type PlanFacts } from './findings.ts';
import { FACTS } from './test-danger.ts';
import { showInvisible } from '../invisible.ts';
import type { Finding } from '../objects.ts';
import { validatePlan } from '../plan-check.ts';
import { envelopeOf } from '../plan-envelope.ts';
import { sentenceOf } from '../sentence.ts';

const FENCE = FACTS.fence;

const planOf = (nodes: object[], more: object = {}): ReturnType<typeof validatePlan> =>
  validatePlan({ version: 1, title: 'T', nodes, ...more });
const find = (nodes: object[], more: object = {}, facts: Partial<PlanFacts> = {}): Finding[] => {
  const plan = planOf(nodes, more);
  return findingsOf(plan, envelopeOf(plan), { ...FACTS, ...facts });
};
const rules = (findings: Finding[]): string[] => findings.map(({ rule, severity }) => `${rule} ${severity}`);
const llm = (provider: string, prompt = 'x'): object => ({ id: 'a', kind: 'llm', with: { prompt, provider } });
const run = (...argv: string[]): object => ({ id: 'a', kind: 'process', with: { argv } });
const withInput = { inputs: { x: { default: 'v' } } };

describe('findings', () => {
  it('finds in a prompt alone only who gets it', () => {
    expect(rules(find([llm('auto')]))).toEqual(['SENDS_TO_MODEL low']);
    expect(riskOf([])).toBe('low');
  });

  it.each([
    ['a command', [run('git', 'log')], {}, {}, ['EXECUTES_COMMANDS medium']],
    [
      'a value in a shell text',
      [run('bash', '-ec', 'echo ${{ inputs.x }}')],
      withInput,
      { bound: ['x'] },
      ['SHELL_WITH_REFERENCE high', 'EXECUTES_COMMANDS medium'],
    ],
    [
      'a value in a program text',
      [run('/usr/bin/python3', '-c', 'print(${{ inputs.x }})')],
      withInput,
      { bound: ['x'] },
      ['SHELL_WITH_REFERENCE high', 'EXECUTES_COMMANDS medium'],
    ],
    [
      'a value as an argument',
      [run('git', 'log', '${{ inputs.x }}')],
      withInput,
      { bound: ['x'] },
      ['DYNAMIC_ARGUMENT medium', 'EXECUTES_COMMANDS medium'],
    ],
    [
      'any arguments',
      [run('git', 'log')],
      { envelope: { commands: [['git', '**']] } },
      {},
      ['WIDE_COMMAND high', 'EXECUTES_COMMANDS medium'],
    ],
    ['an open input', [llm('auto')], { inputs: { x: { open: true } } }, {}, ['OPEN_INPUT medium', 'SENDS_TO_MODEL low']],
    ['an input without a value', [llm('auto')], { inputs: { x: {} } }, {}, ['INPUT_UNBOUND low', 'SENDS_TO_MODEL low']],
    ['no sandbox', [run('true')], {}, { fence: { kind: 'none', ok: false, detail: '' } }, ['NO_SANDBOX high', 'EXECUTES_COMMANDS medium']],
    [
      'an accepted lack of a sandbox',
      [run('true')],
      {},
      { fence: { kind: 'unfenced', ok: true, detail: '' } },
      ['NO_SANDBOX high', 'EXECUTES_COMMANDS medium'],
    ],
    ['a sandbox that nobody reported', [run('true')], {}, { fence: null }, ['NO_SANDBOX high', 'EXECUTES_COMMANDS medium']],
    ['changes without a commit', [run('true')], {}, { is_repo_dirty: true }, ['EXECUTES_COMMANDS medium', 'REPO_DIRTY low']],
    ['an unknown provider', [llm('ghost')], {}, {}, ['PROVIDER_NOT_CONFIGURED medium']],
    ['a provider without an adapter', [llm('gemini')], {}, {}, ['PROVIDER_NO_ADAPTER low']],
    ['a key that is not set', [llm('openai')], {}, {}, ['SENDS_TO_MODEL medium', 'ENV_UNSET low']],
    ['a key of which nothing is known', [llm('openai')], {}, { env_present: null }, ['SENDS_TO_MODEL medium']],
    ['a hidden character', [llm('auto', 'a\u202Eb')], {}, {}, ['INVISIBLE_CHARACTERS high', 'SENDS_TO_MODEL low']],
  ] as [string, object[], object, Partial<PlanFacts>, string[]][])('names %s', (_name, nodes, more, facts, expected) => {
    expect(rules(find(nodes, more, facts))).toEqual(expected);
  });

  it('names what is written, and that everything may be', () => {
    const write = (path: string): object => ({ id: 'a', kind: 'process', with: { argv: ['true'], write: [path] } });
    expect(rules(find([write('docs')]))).toEqual(['WRITES_FILES medium', 'EXECUTES_COMMANDS medium']);
    expect(rules(find([write('.')]))).toContain('WIDE_WRITE high');
  });

  it('finds hidden characters in any text or key of a plan, and shows them', () => {
    const hidden = ['\u200B', '\u202E', '\u2066', '\uFEFF', '\u{E0041}', '\u001B', '\u3164', '\u180E'];
    fc.assert(
      fc.property(fc.constantFrom(...hidden), fc.string(), fc.string(), (char, before, after) => {
        const text = `${before}${char}${after}`;
        const [found] = find([{ id: 'a', kind: 'noop', with: { value: { deep: [text] } } }]);
        expect(found?.rule).toBe('INVISIBLE_CHARACTERS');
        expect(showInvisible(text)).toContain(`<U+${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}>`);
        expect(rules(find([{ id: 'a', kind: 'noop', with: { value: { [`k${char}`]: 1 } } }]))).toEqual(['INVISIBLE_CHARACTERS high']);
      }),
    );
  });

  it('leaves text of any language and emoji alone', () => {
    for (const text of ['naïve Straße', '日本語', 'हिन्दी', 'тест', '👩‍💻 👩🏽‍🚀 ❤️‍🔥', 'tab\tand\r\nlines']) expect(showInvisible(text)).toBe(text);
  });

  it('says at every finding what to do, and limits how many it gives of one rule', () => {
    const nodes = Array.from({ length: 300 }, (_none, index) => ({ ...run('git', '${{ inputs.x }}'), id: `n${index}` }));
    const found = find(nodes, withInput);
    expect(found.filter(({ rule }) => rule === 'DYNAMIC_ARGUMENT')).toHaveLength(50);
    for (const { remedy, evidence } of found) expect(remedy !== '' && evidence !== '').toBe(true);
  });
});

describe('the sentence and the capabilities', () => {
  it('say what will run, where and up to what', () => {
    const nodes = [
      run('git', 'log'),
      { id: 'b', kind: 'patch', needs: ['a'], with: { files: [{ path: 'REPORT.md', content: 'x' }] } },
      { id: 'c', kind: 'gate', with: { title: 'Go on?' } },
    ];
    const plan = planOf(nodes, { envelope: { budget: { usd: 0.5, wall_ms: 90_000 } } });
    expect(sentenceOf(plan, envelopeOf(plan), FENCE)).toBe(
      'If you approve, GIMO will run 3 nodes: 1 command (`git log`), 1 change of files (`REPORT.md`), 1 question to a person, in the sandbox bubblewrap, at most US$ 0.5 and 1.5 min.',
    );
    expect(sentenceOf(plan, envelopeOf(plan), null)).toContain('without a sandbox');
    expect(capabilitiesOf(plan, envelopeOf(plan))).toEqual([
      { type: 'command', value: 'git log', nodes: ['a'] },
      { type: 'read', value: '**', nodes: ['a', 'b'] },
      { type: 'write', value: 'REPORT.md', nodes: ['b'] },
    ]);
  });

  it('count the commands that check a change, once for each', () => {
    const patch = (id: string, validate: string[] | string[][]): object => ({
      id,
      kind: 'patch',
      with: { files: [{ path: `${id}.md`, content: 'x' }], validate },
    });
    const one = planOf([run('git', 'log'), patch('b', ['test', '-s', 'b.md'])]);
    expect(sentenceOf(one, envelopeOf(one), FENCE)).toContain(
      '2 nodes: 1 command (`git log`), 1 change of files (`b.md`) checked with 1 command (`test -s b.md`), in',
    );
    const more = planOf([patch('b', [['make'], ['test', '-s', 'b.md']]), patch('c', ['make'])]);
    expect(sentenceOf(more, envelopeOf(more), FENCE)).toContain(
      '2 changes of files (`b.md`, `c.md`) checked with 3 commands (1 × `test -s b.md`, 2 × `make`), in',
    );
  });

  it('count the lines of a long program instead of cutting it, keep a short one, and name no pattern where every file is meant', () => {
    const long = 'set -e\nmake\n';
    const plan = planOf([
      run('sh', '-c', long),
      { ...run('sh', '-c', 'make test'), id: 'b' },
      { ...run('sh', '-c', `echo ${'x'.repeat(160)}`), id: 'c' },
    ]);
    expect(sentenceOf(plan, envelopeOf(plan), FENCE)).toContain(
      '(`sh -c ‹script of 2 lines›`, `sh -c make test`, `sh -c ‹script of 1 line›`)',
    );
    expect(capabilitiesOf(plan, envelopeOf(plan))[0]).toMatchObject({ type: 'command', value: `sh -c ${long}` });
    const called = planOf([run('sh', '-c', long, 'name', 'argument')]);
    expect(sentenceOf(called, envelopeOf(called), FENCE)).toContain('1 command (`sh -c ‹script of 2 lines›`), in');
    const wide = planOf([{ id: 'd', kind: 'patch', with: { diff: '${{ inputs.diff }}' } }], {
      inputs: { diff: { schema: { type: 'string' }, default: '' } },
      envelope: { paths: { read: ['**'], write: ['**'] } },
    });
    expect(sentenceOf(wide, envelopeOf(wide), FENCE)).toContain('1 change of files (any file of the workspace), in');
  });

  it('name what the envelope grants beyond the nodes, and show fixed words as they are', () => {
    const plan = planOf([run('awk', '/\\.*\\*/')], {
      envelope: {
        commands: [
          ['awk', '/\\\\.\\*\\\\\\*/'],
          ['make', '*'],
        ],
      },
    });
    expect(capabilitiesOf(plan, envelopeOf(plan)).filter(({ type }) => type === 'command')).toEqual([
      { type: 'command', value: 'awk /\\.*\\*/', nodes: ['a'] },
      { type: 'command', value: 'make *', nodes: [] },
    ]);
  });
});

describe('findings about requests', () => {
  const request = (value: object): object => ({ id: 'a', kind: 'http', with: value });
  const secret = { url: 'https://api.example.com/x', secret_headers: { authorization: 'Bearer ${API_TOKEN}' } };
  const allowed = { node_secrets: { API_TOKEN: ['api.example.com'] } };

  it.each([
    ['a request', { url: 'https://api.example.com' }, {}, {}, ['SENDS_REQUESTS medium']],
    ['a request that is not encrypted', { url: 'http://api.example.com' }, {}, {}, ['PLAIN_HTTP medium', 'SENDS_REQUESTS medium']],
    [
      'a host that is not known',
      { url: 'https://${{ inputs.x }}.example.com' },
      { ...withInput, envelope: { hosts: ['*.example.com'] } },
      { bound: ['x'] },
      ['WIDE_HOST high', 'SENDS_REQUESTS medium'],
    ],
    [
      'a local service that was opened',
      { url: 'http://127.0.0.1:8080' },
      {},
      { local_hosts: ['127.0.0.1:8080', '127.0.0.1:9'] },
      ['LOCAL_HOST medium', 'SENDS_REQUESTS medium'],
    ],
    ['a secret', secret, {}, { ...allowed, env_present: ['API_TOKEN'] }, ['SENDS_SECRET high', 'SENDS_REQUESTS medium']],
    ['a secret without a value', secret, {}, allowed, ['SENDS_SECRET high', 'SENDS_REQUESTS medium', 'ENV_UNSET low']],
    ['a secret that nobody allowed', secret, {}, {}, ['SENDS_SECRET high', 'SENDS_REQUESTS medium', 'SECRET_NOT_ALLOWED low']],
  ])('names %s', (_what, value, more, facts, expected) => {
    expect(rules(find([request(value)], more, facts))).toEqual(expected);
  });

  it('says where a message goes, and what a run would miss', () => {
    const tell = { id: 'a', kind: 'notify', with: { webhook: 'team', text: 'Hello' } };
    const webhooks = { team: { url: 'https://hooks.example.com/secret', secret_ref: '${TEAM_SECRET}' } };
    expect(rules(find([tell], {}, { webhooks, env_present: ['TEAM_SECRET'] }))).toEqual(['SENDS_MESSAGE low']);
    expect(rules(find([tell], {}, { webhooks }))).toEqual(['SENDS_MESSAGE low', 'ENV_UNSET low']);
    expect(rules(find([tell]))).toEqual(['WEBHOOK_UNKNOWN low']);
    expect(JSON.stringify(find([tell], {}, { webhooks }))).not.toContain('/secret');
  });

  it('says which services of the local network it may call, also by a wide pattern', () => {
    const facts = { local_hosts: ['127.0.0.1:8080', 'nas.local:80'] };
    const found = find([request({ url: 'https://a.example' })], { envelope: { hosts: ['*'] } }, facts);
    expect(found.find(({ rule }) => rule === 'LOCAL_HOST')?.evidence).toBe('`127.0.0.1:8080`, `nas.local:80`');
  });
});
