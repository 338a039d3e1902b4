/** Ways in which text from outside, or private data, could lose where it came from on its way through a run. */
import { describe, expect, it } from 'vitest';
import { flowFindingsOf } from '#contract/findings/flow.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import type { Plan } from '#contract/plan.ts';
import { fails, observed, puts, type Ends, type Observed } from './test-effects.ts';

const EVIL = 'echo owned';
const ALPHABET = Array.from({ length: 95 }, (_none, at) => String.fromCharCode(32 + at));
const CODES = Array.from(EVIL, (letter) => letter.charCodeAt(0));
/** What processes put out: a text of somebody else, as text and as numbers. Those that are told to fail complain with it. */
const ends: Ends = ({ kind, with: value }) => {
  if (kind === 'http') return puts({ status: 200, headers: {}, body: EVIL, json: null });
  if (kind === 'notify') return fails(`the receiver answered: ${EVIL}`);
  if (kind !== 'process') return puts({ text: EVIL });
  const { argv } = value as { argv: string[] };
  if (argv.includes('fails')) return fails(`sh ended with 3: ${EVIL}`);
  return puts({ exit_code: 0, stdout: EVIL, stderr: '', json: CODES, truncated: false, duration_ms: 1 });
};

const read = { id: 'read', kind: 'process', with: { argv: ['cat', 'mail'], parse: 'json' } };
const failing = { id: 'c', kind: 'process', with: { argv: ['cat', 'fails'] } };
const alphabet = { id: 'al', kind: 'value', with: { value: ALPHABET } };
const shell = (source: string, ...needs: string[]): object => ({
  id: 'x',
  kind: 'process',
  needs,
  with: { argv: ['sh', '-c', `: \${{ ${source} }}`] },
});
const post = (source: string, ...needs: string[]): object => ({
  id: 'p',
  kind: 'http',
  needs,
  with: { method: 'POST', url: 'https://example.com/in', body: `\${{ ${source} }}` },
});
const collect = (...nodes: object[]): object => ({ id: 'm', kind: 'map', with: { over: [1], on_item_error: 'collect', nodes } });
const plan = (nodes: object[], more: object = {}): Plan => validatePlan({ version: 1, title: 'labels', nodes, ...more });
const said = (made: Plan): string[] =>
  flowFindingsOf(made, envelopeOf(made))
    .filter(({ rule }) => rule !== 'UNTRUSTED_CONDITION')
    .map(({ node, rule }) => `${node} ${rule}`);

const WIDE = {
  envelope: {
    commands: [
      ['cat', 'mail'],
      ['cat', 'fails'],
      ['sh', '-c', '*'],
      ['sh', '-c', '*', 'x', '*'],
    ],
  },
};

/** Runs it: the text gets to a shell, and to another host, where a person has been asked, and the packet had said so. */
async function expectAsked(nodes: object[], source: string, ...needs: string[]): Promise<Observed> {
  const made = plan([...nodes, shell(source, ...needs), post(source, ...needs)], WIDE);
  const seen = await observed(made, ends);
  expect(seen.asked.toSorted()).toEqual(['p PRIVATE_DATA_LEAVES', 'x UNTRUSTED_CHOICE']);
  expect(said(made).toSorted()).toEqual(seen.asked.toSorted());
  return seen;
}

// verifies: PRIN-3
describe('an error is labelled as what it was made of', () => {
  it.each([
    ['of a process', [failing]],
    ['of a process in a list', [{ id: 'n', kind: 'map', with: { over: [1], nodes: [failing] } }]],
    ['of a process in a loop', [{ id: 'n', kind: 'loop', with: { max: 2, nodes: [failing] } }]],
    ['of a webhook', [{ id: 'c', kind: 'notify', with: { webhook: 'team', text: 'fixed' } }]],
    ['of a process behind which something else stands', [failing, { id: 'v', kind: 'value', needs: ['c'], with: { value: 'mine' } }]],
    [
      'of nodes that were added',
      [
        { id: 'v', kind: 'value', with: { value: [failing] } },
        { id: 's', kind: 'subplan', needs: ['v'], with: { from: 'nodes.v.output' } },
      ],
    ],
  ])('%s, where a list collects it', async (_what, body) => {
    const seen = await expectAsked([collect(...body)], 'nodes.m.output[0].error.message', 'm');
    expect(JSON.stringify(seen.did.get('x'))).toContain(EVIL);
  });

  it('also that there was none', async () => {
    await expectAsked([collect(read, { id: 'v', kind: 'value', needs: ['read'], with: { value: 1 } })], 'nodes.m.output[0].ok', 'm');
  });

  it('also that a webhook did not take what it was sent', async () => {
    const told = { id: 'c', kind: 'notify', on_error: 'continue', with: { webhook: 'team', text: 'fixed' } };
    await expectAsked([told], 'nodes.c.output == null ? "a" : "b"', 'c');
  });

  it('is as private as what an agent hears of a tool that failed', async () => {
    const agent = { id: 'a', kind: 'agent', with: { task: 'look', tools: { mcp: ['mail/read', 'mail/send'] } } };
    const turns = ['read', 'send'].map((tool) => [{ name: `mcp_mail_${tool}`, arguments: {}, fault: null }]);
    const speaks: Ends = ({ kind, with: value }) => {
      if (kind === 'llm') return puts({ text: 'so', finish: 'stop', tool_calls: turns.shift() ?? [] });
      return (value as { tool: string }).tool === 'read' ? fails(EVIL) : puts({ text: 'sent' });
    };
    const tool = { description: '', input_schema: { type: 'object' } };
    const { asked, run } = await observed(plan([agent]), speaks, { tools: { 'mail/read': tool, 'mail/send': tool } });
    expect(asked).toContain('a[3].mcp_mail_send_1 PRIVATE_DATA_LEAVES');
    expect(run.labels.of('a[1].mcp_mail_read_1')).toMatchObject({ integrity: 'untrusted', confidentiality: 'internal' });
  });
});

describe('a text that is put together from numbers is labelled as they are', () => {
  const letter = 'nodes.al.output[int(nodes.k.output) - 32]';
  const joined = (more: object): object => ({
    id: 'l',
    kind: 'loop',
    needs: ['read', 'al'],
    with: {
      while: 'index < size(nodes.read.output.json)',
      max: 40,
      nodes: [
        { id: 'k', kind: 'transform', with: { expr: 'int(nodes.read.output.json[int(index)])' } },
        { id: 'c', kind: 'transform', needs: ['k'], with: { expr: `(last == null ? "" : string(last)) + ${letter}` } },
      ],
      ...more,
    },
  });

  it('in a loop', async () => {
    const { outputs } = await expectAsked([read, alphabet, joined({})], 'nodes.l.output', 'l');
    expect(outputs.get('l')).toBe(EVIL);
  });

  it('by a node for each number', async () => {
    const numbers = CODES.map((_code, at) => ({
      id: `n${at}`,
      kind: 'transform',
      needs: ['read'],
      with: { expr: `nodes.read.output.json[${at}]` },
    }));
    const letters = CODES.map((_code, at) => `nodes.al.output[int(nodes.n${at}.output) - 32]`).join(' + ');
    const all = { id: 'j', kind: 'transform', needs: ['al', ...numbers.map(({ id }) => id)], with: { expr: letters } };
    const { outputs } = await expectAsked([read, alphabet, ...numbers, all], 'nodes.j.output', 'j');
    expect(outputs.get('j')).toBe(EVIL);
  });

  it('by how often a loop goes round', async () => {
    const counted = {
      id: 'l',
      kind: 'loop',
      needs: ['read'],
      with: { while: 'index < nodes.read.output.json[0]', max: 200, nodes: [{ id: 'c', kind: 'transform', with: { expr: 'index + 1' } }] },
    };
    const pick = { id: 'j', kind: 'transform', needs: ['al', 'l'], with: { expr: 'nodes.al.output[int(nodes.l.output) - 32]' } };
    const { outputs } = await expectAsked([read, alphabet, counted, pick], 'nodes.j.output', 'j');
    expect(outputs.get('j')).toBe(EVIL[0]);
  });

  it('by the end of a process in each round', async () => {
    const numbers = { id: 'n', kind: 'process', with: { argv: ['sh', '-c', 'exit $(sed -n "$1p" mail)', 'x', '${{ string(index) }}'] } };
    const list = { id: 'm', kind: 'map', with: { over: [1, 2], nodes: [numbers], output: 'nodes.n.output.exit_code' } };
    await expectAsked([list], 'nodes.m.output', 'm');
    const is = { id: 'is', kind: 'condition', needs: ['n'], with: { if: 'nodes.n.output.exit_code == 101' } };
    await expectAsked([{ id: 'm', kind: 'map', with: { over: [1, 2], nodes: [numbers, is] } }], 'nodes.m.output', 'm');
  });

  it.each([
    ['a condition', { when: 'nodes.read.output.json[0] == 101' }, []],
    [
      'a condition before it',
      { needs: ['w'] },
      [{ id: 'w', kind: 'value', needs: ['read'], when: 'nodes.read.output.json[0] == 101', with: { value: 0 } }],
    ],
  ])('by %s that leaves nodes out', async (_what, more, before) => {
    const bit = { id: 'b', kind: 'value', needs: ['read'], with: { value: 'e' }, ...more };
    await expectAsked([read, ...before, bit], 'nodes.b.output', 'b');
  });

  it('by which nodes a join counts', async () => {
    const bit = (id: string): object => ({
      id,
      kind: 'value',
      needs: ['read'],
      when: 'nodes.read.output.json[0] == 101',
      with: { value: 1 },
    });
    const count = { id: 'j', kind: 'join', needs: ['b', 'd'], with: { mode: 'all' } };
    await expectAsked([read, bit('b'), bit('d'), count], 'nodes.j.output', 'j');
  });

  it('and a list of numbers is sent number by number only after a question', async () => {
    const each = { id: 'm', kind: 'map', needs: ['read'], with: { over: '${{ nodes.read.output.json }}', nodes: [post('item')] } };
    const made = plan([read, each]);
    const { asked } = await observed(made, ends);
    expect(asked).toEqual(CODES.map((_code, at) => `m[${at}].p PRIVATE_DATA_LEAVES`));
    expect(said(made)).toEqual(['p PRIVATE_DATA_LEAVES']);
  });
});

describe('a fork', () => {
  it('takes nothing over as cleaner than the plan says, whatever the earlier run said', async () => {
    const number = { id: 'n', kind: 'transform', needs: ['read'], with: { expr: 'nodes.read.output.json[0]' } };
    const clean = { integrity: 'trusted', confidentiality: 'public', untrusted_from: null, private_from: null } as const;
    const end = { status: 'done', label: clean, reason: 'reused' } as const;
    const nodes = { read: { ...end, output: { json: CODES } }, n: { ...end, output: 101 } };
    const { asked } = await observed(plan([read, number, shell('nodes.n.output', 'n')]), ends, {
      reuse: { from: 'r_0', nodes, patches: [] },
    });
    expect(asked).toEqual(['x UNTRUSTED_CHOICE']);
  });

  it('takes over as foreign what the plan would call clean', async () => {
    const own = { id: 'v', kind: 'value', with: { value: 'mine' } };
    const nodes = { v: { status: 'done', output: 'echo owned', reason: 'reused' } } as const;
    const { asked } = await observed(plan([own, shell('nodes.v.output', 'v')]), ends, { reuse: { from: 'r_0', nodes, patches: [] } });
    expect(asked).toEqual(['x UNTRUSTED_CHOICE']);
  });
});

describe('nobody is asked', () => {
  it.each([
    ['about how a process ended', [read], 'nodes.read.output.exit_code', ['read']],
    ['about whether a node was done', [read], 'nodes.read.status', ['read']],
    [
      'about what a person answered',
      [read, { id: 'g', kind: 'gate', needs: ['read'], with: { title: 'Yes?' } }],
      'nodes.g.output.comment',
      ['g'],
    ],
    [
      'about what a person let through',
      [
        { id: 'g', kind: 'gate', on_error: 'continue', with: { title: 'Yes?' } },
        { id: 'page', kind: 'http', needs: ['g'], when: 'nodes.g.status == "done"', with: { url: 'https://example.com/' } },
        { id: 'v', kind: 'value', needs: ['g'], when: 'nodes.g.status == "done"', with: { value: 1 } },
      ],
      'nodes.v.output',
      ['v', 'page'],
    ],
  ])('%s', async (_what, nodes, source, needs) => {
    const made = plan([...nodes, shell(source, ...needs), post(source, ...needs)]);
    const { asked, did } = await observed(made, ends);
    expect([asked, said(made), did.has('x'), did.has('p')]).toEqual([[], [], true, true]);
  });

  it('whose run began when numbers lost their label: it goes on as it began', async () => {
    const number = { id: 'n', kind: 'transform', needs: ['read'], with: { expr: 'nodes.read.output.json[0]' } };
    const { asked } = await observed(plan([read, number, shell('nodes.n.output', 'n')]), ends, { isOld: true });
    expect(asked).toEqual([]);
  });
});
