/** What a packet says of values, and what the run then asks: of any plan it is the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flowFindingsOf } from '#contract/findings/flow.ts';
import { checkPlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import { allNodes, type Plan } from '#contract/plan.ts';
import { fails, observed, puts, type Ends } from './test-effects.ts';

type Draw = { kind: number; reads: number[]; form: number; needs: number[]; when: number; on: number; body: Draw[] };

/** Ways to make a value of two others; each is total, whatever those are. */
const FORMS: ((a: string, b: string) => string)[] = [
  (a) => a,
  (a, b) => `string(${a} == null) + string(${b} == null)`,
  (a, b) => `${a} == ${b} ? "x" : "y"`,
  (a) => `size(string(${a} == null))`,
  (a, b) => `[${a}, ${b}]`,
  (a) => `["a", "b"][${a} == null ? 0 : 1]`,
  () => '1 + 1',
];
const OWN = ['status', 'output.exit_code', 'output'];
const CONDITIONS: ((id: string) => string)[] = [
  (id) => `nodes.${id}.status == "done"`,
  (id) => `nodes.${id}.output == null`,
  (id) => `nodes.${id}.output != 7.0`,
  () => 'true',
];

function draws(depth: number): fc.Arbitrary<Draw[]> {
  const none: fc.Arbitrary<Draw[]> = fc.constant([]);
  const body = depth === 0 ? none : fc.oneof({ weight: 2, arbitrary: none }, { weight: 1, arbitrary: draws(depth - 1) });
  const at = fc.nat(9);
  const draw = fc.record({
    kind: fc.nat(99),
    reads: fc.array(at, { minLength: 2, maxLength: 2 }),
    form: fc.nat(99),
    needs: fc.array(at, { maxLength: 2 }),
    when: fc.nat(9),
    on: fc.nat(9),
    body,
  });
  return fc.array(draw, { minLength: 2, maxLength: 6 });
}

type Seen = { values: string[]; ids: string[]; processes: string[] };
type Made = { id: string } & Record<string, unknown>;

/** In: what is seen from around. Out: nodes whose references are all above them. */
function nodesOf(list: readonly Draw[], prefix: string, around: Seen): Made[] {
  const made: Made[] = [];
  const own: Seen = { values: [], ids: [], processes: [] };
  for (const [index, draw] of list.entries()) {
    const id = `${prefix}${index}`;
    // Whatever it reads stands above it.
    const needs = [...new Set(draw.needs.flatMap((need) => own.ids[need % Math.max(1, own.ids.length)] ?? []))];
    const above = own.ids.filter((other) => needs.includes(other));
    const values = [...around.values, ...above.map((other) => `nodes.${other}.output`)];
    const pick = (read = 0): string => values[read % Math.max(1, values.length)] ?? '"mine"';
    const value = (FORMS[draw.form % FORMS.length] ?? FORMS[0])?.(pick(draw.reads[0]), pick(draw.reads[1])) ?? '1';
    const [looks] = above;
    const when = looks !== undefined && draw.when < 4 ? { when: CONDITIONS[draw.when]?.(looks) } : {};
    const on = draw.on < 3 ? { on_error: 'continue' } : {};
    const process = above.find((other) => own.processes.includes(other));
    const used = process !== undefined && draw.form % 3 === 0 ? `nodes.${process}.${OWN[draw.form % 2]}` : value;
    made.push({ id, needs, ...when, ...on, ...kindOf(draw, id, used, { ...around, values }) });
    own.ids.push(id);
    if (made.at(-1)?.['kind'] === 'process') own.processes.push(id);
  }
  return made;
}

function kindOf(draw: Draw, id: string, value: string, around: Seen): object {
  const text = `\${{ ${value} }}`;
  if (draw.body.length > 0) return container(draw, id, value, around);
  const kinds: object[] = [
    { kind: 'process', with: { argv: ['cat', 'mail'] } },
    { kind: 'process', with: { argv: ['sh', '-c', `: ${text}`] } },
    { kind: 'process', with: { argv: ['sh', '-c', text] } },
    { kind: 'http', with: { url: 'https://example.com/page' } },
    { kind: 'http', with: { method: 'POST', url: 'https://example.com/in', body: text } },
    { kind: 'http', with: { method: 'POST', url: 'https://example.com/in', body: { is: text } } },
    { kind: 'notify', with: { webhook: 'team', text } },
    { kind: 'transform', with: { expr: value } },
    { kind: 'transform', with: { expr: value } },
    { kind: 'value', with: { value: { is: text } } },
    { kind: 'condition', with: { if: `${value} == null` } },
    { kind: 'gate', with: { title: 'Go on?' } },
    { kind: 'join', with: { mode: 'all' } },
    { kind: 'llm', with: { prompt: text, provider: 'auto' } },
  ];
  return kinds[draw.kind % kinds.length] as object;
}

function container(draw: Draw, id: string, value: string, around: Seen): object {
  const isLoop = draw.kind % 2 === 0;
  const variables = isLoop ? ['last', 'index'] : ['item', 'index'];
  const nodes = nodesOf(draw.body, `${id}_`, { ...around, values: [...around.values, ...variables] });
  const last = nodes.at(-1)?.id ?? '';
  const output = draw.form % 3 === 0 ? { output: `nodes.${last}.output == null ? 0 : index` } : {};
  if (isLoop)
    return { kind: 'loop', with: { max: 2, while: draw.form % 2 === 0 ? `index < (${value} == null ? 1 : 2)` : 'true', nodes, ...output } };
  const collect = draw.on % 2 === 0 ? { on_item_error: 'collect' } : {};
  return { kind: 'map', with: { over: `\${{ [${value}] }}`, nodes, ...output, ...collect } };
}

/** Some fail, by their name: what they say of it came from outside. */
const ends: Ends = ({ kind, node }) => {
  if (node.endsWith('3')) return fails('echo owned');
  if (kind === 'process') return puts({ exit_code: 0, stdout: 'echo owned', json: 7 });
  return puts({ status: 200, body: 'echo owned', text: 'echo owned' });
};

const plans = draws(2).map((list) =>
  checkPlan({ version: 1, title: 'random', nodes: nodesOf(list, 'n', { values: [], ids: [], processes: [] }) }),
);
const planIdOf = (instance: string): string =>
  instance
    .split('.')
    .at(-1)
    ?.replace(/\[\d+\]$/, '') ?? '';

function saidOf(plan: Plan): Set<string> {
  const found = flowFindingsOf(plan, envelopeOf(plan)).filter(({ rule }) => rule !== 'UNTRUSTED_CONDITION');
  return new Set(found.map(({ node, rule }) => `${node} ${rule}`));
}

// verifies: PRIN-3
describe('the packet of a plan', () => {
  it('says that a person is asked about a node where the run asks, each time, and nowhere else', async () => {
    const seen = { asked: 0, silent: 0, plans: 0 };
    await fc.assert(
      fc.asyncProperty(plans, async ({ plan, faults }) => {
        expect(faults).toEqual([]);
        if (plan === null) return;
        const { asked, did } = await observed(plan, ends);
        const said = saidOf(plan);
        const effects = new Set([...allNodes(plan.nodes)].map(({ node }) => node.id));
        for (const instance of did.keys()) {
          const id = planIdOf(instance);
          expect(effects).toContain(id);
          for (const rule of ['UNTRUSTED_CHOICE', 'PRIVATE_DATA_LEAVES']) {
            const isAsked = asked.includes(`${instance} ${rule}`);
            expect([instance, rule, isAsked]).toEqual([instance, rule, said.has(`${id} ${rule}`)]);
            seen[isAsked ? 'asked' : 'silent']++;
          }
        }
        for (const question of asked) expect(did.has(question.split(' ')[0] ?? '')).toBe(true);
        seen.plans++;
      }),
      { numRuns: 200 },
    );
    // Draws that never ask would show nothing.
    expect(seen.asked).toBeGreaterThan(20);
    expect(seen.silent).toBeGreaterThan(100);
  });
});
