/** What one agent may do of all that its plan may; the person who is asked is a promise here. */
import { describe, expect, it } from 'vitest';
import { errorCode } from '#contract/errors.ts';
import { validatePlan } from '#contract/plan-check.ts';
import type { NodeOf, PlanNode } from '#contract/plan.ts';
import { AgentGrant } from './agent-grant.ts';
import { NodeFailure } from './failure.ts';
import { Scope } from './scope.ts';
import { interpreter } from './test-interpreter.ts';

const planned = (nodes: object[], more: object = {}): PlanNode[] => validatePlan({ version: 1, title: 'agents', nodes, ...more }).nodes;
const step = (argv: string[], around: object = {}): PlanNode =>
  planned([{ id: 'call', kind: 'process', with: { argv, ...around } }])[0] as PlanNode;
const COMMANDS = [
  ['git', 'log', '**'],
  ['git', 'apply', '**', '<<<', '*'],
  ['sh', '-c', '*'],
  ['sh', 'tools/x.sh', '**'],
  ['python3', '-c', '*'],
  ['node', '*'],
  ['find', '**'],
];
const agent = (id: string): object => ({ id, kind: 'agent', with: { task: 'look', tools: { commands: COMMANDS } } });

/** A plan whose other nodes may do much more than its two agents. `isOld`: it began before envelopes held what is around a command. */
function fake({ isOld = false } = {}) {
  const plan = validatePlan({
    version: 1,
    title: 'agents',
    nodes: [agent('a'), agent('b'), { id: 'test', kind: 'process', with: { argv: ['npm', 'test'] } }, { id: 'nothing', kind: 'noop' }],
  });
  const { run, order, answer } = interpreter(plan);
  if (isOld) delete run.approved.has_whole_commands;
  const scope = new Scope(run, plan.nodes, { prefix: '', outer: null, variables: {} });
  const grantOf = (id: string): ((node: PlanNode) => Promise<void> | null) => {
    const node = plan.nodes.find((item) => item.id === id) as NodeOf<'agent'>;
    const grant = new AgentGrant({ scope, node, attempt: 1 });
    return (made) => grant.admit(scope.child([made], `${id}[1].`, {}), made, 1);
  };
  return { a: grantOf('a'), b: grantOf('b'), asked: order, answer };
}

const codeOf = async (work: Promise<void> | null): Promise<string | null> => {
  const error = await Promise.resolve(work).catch((thrown: unknown) => thrown);
  return error instanceof NodeFailure ? error.info.code : errorCode(error);
};

describe('the grant of an agent', () => {
  it('lets it do at once what its own node says', () => {
    const t = fake();
    expect(t.a(step(['git', 'log', '--oneline']))).toBeNull();
    expect(t.asked).toEqual([]);
  });

  it('lets it fill in parameters, and asks about what it chooses to run where its tools leave that open', async () => {
    const t = fake();
    for (const argv of [
      ['git', 'log', '-c', 'x'],
      ['find', '.', '-name', '*.ts'],
      ['sh', 'tools/x.sh', 'text'],
    ])
      expect(t.a(step(argv)), argv.join(' ')).toBeNull();
    for (const argv of [
      ['python3', '-c', 'print()'],
      ['node', 'evil.js'],
      ['find', '.', '-exec', 'sh', '-c', 'id', ';'],
    ])
      expect(fake().a(step(argv)), argv.join(' ')).toBeInstanceOf(Promise);
    const asks = t.a(step(['sh', '-c', 'echo pwned']));
    expect(asks).toBeInstanceOf(Promise);
    t.answer('a[1].call');
    await asks;
    expect(t.a(step(['sh', '-c', 'echo pwned'])), 'a yes holds for just that').toBeNull();
    expect(t.a(step(['sh', '-c', 'echo again']))).toBeInstanceOf(Promise);
    expect(fake({ isOld: true }).a(step(['sh', '-c', 'echo pwned']))).toBeNull();
  });

  it('is less than the plan: what another node may do is asked about, once for each agent', async () => {
    const t = fake();
    const asks = t.a(step(['npm', 'test']));
    expect(asks).toBeInstanceOf(Promise);
    expect(t.asked).toEqual(['a[1].call']);
    t.answer('a[1].call');
    await asks;
    expect(t.a(step(['npm', 'test'])), 'a yes holds for the next call').toBeNull();
    expect(t.b(step(['npm', 'test'])), 'and not for another agent').toBeInstanceOf(Promise);
    expect(t.a(step(['npm', 'publish']))).toBeInstanceOf(Promise);
  });

  it('holds no kind of node but those that its tools make, whatever the plan has', () => {
    const [nothing] = planned([{ id: 'call', kind: 'noop' }]);
    expect(fake().a(nothing as PlanNode)).toBeInstanceOf(Promise);
  });

  it('covers an input that its model wrote where it says so, and is asked about any other', async () => {
    const t = fake();
    expect(t.a(step(['git', 'apply', '-'], { stdin: '--- a\n+++ b' }))).toBeNull();
    const asks = t.a(step(['git', 'log', '--stdin'], { stdin: 'HEAD' }));
    expect(asks).toBeInstanceOf(Promise);
    t.answer('a[1].call');
    await asks;
    expect(t.a(step(['git', 'log', '--stdin'], { stdin: 'HEAD' }))).toBeNull();
    expect(t.a(step(['git', 'log', '--stdin'], { stdin: 'HEAD~1' }))).toBeInstanceOf(Promise);
  });

  it('of a run that began before inputs were counted asks what it asked then', () => {
    const t = fake({ isOld: true });
    expect(t.a(step(['git', 'log', '--stdin'], { stdin: 'HEAD' }))).toBeNull();
    expect(t.a(step(['npm', 'test'], { stdin: 'HEAD' }))).toBeInstanceOf(Promise);
  });

  it('after a no refuses the same without asking again', async () => {
    const t = fake();
    const asks = t.a(step(['npm', 'test']));
    t.answer('a[1].call', 'reject');
    expect(await codeOf(asks)).toBe('OUTSIDE_ENVELOPE');
    const again = t.a(step(['npm', 'test']));
    expect(t.asked).toEqual(['a[1].call']);
    expect(await codeOf(again)).toBe('OUTSIDE_ENVELOPE');
  });
});
