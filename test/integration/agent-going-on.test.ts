/** Agents that are stopped, paused or longer than one workflow in mid-loop: like any node. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '#contract/objects.ts';
import { END, heard, startAgentRuns, type AgentRuns } from '../helpers/agent-runs.ts';
import { expectNothingLeft, expectWholeLog } from '../helpers/run-facts.ts';
import type { ScriptedTurn } from '../helpers/scripted-model.ts';
import { until } from '../helpers/until.ts';

let t: AgentRuns;
beforeAll(async () => void (t = await startAgentRuns({ GIMO_SEGMENT_EVENTS: '60' })), 400_000);
afterAll(() => t?.close());

const WAIT = { timeout: 60_000 };
const tools = {
  commands: [
    ['git', 'log', '**'],
    ['sleep', '*'],
  ],
  ask: true,
  idempotent: true,
};
const log = (n: number): ScriptedTurn => ({ calls: [['run_command', { argv: ['git', 'log', `-${n}`, '--format=%s'] }]] });
const isAsked = (title: string, count: number): Promise<void> =>
  until(() => expect(t.model.asked(title).length).toBeGreaterThanOrEqual(count), WAIT);

describe('an agent', () => {
  it('whose model is at work is stopped at once, and the receipt says so', async () => {
    const run = await t.begin('stopped', [log(1), { does: 'hang' }], { tools });
    await isAsked('stopped', 2);
    const receipt = await t.stack.operator.post<Receipt>(`/ops/runs/${run.id}/cancel`, {});
    expect(receipt.nodes.map(({ id }) => id)).toContain('fix[2].turn');
    expect(await t.stack.operator.ended(run.id)).toMatchObject({ status: 'cancelled' });
    expect((await t.graphOf(run)).find(({ id }) => id === 'fix')?.status).toBe('cancelled');
    await expectNothingLeft(t.stack);
  });

  it('goes on after a pause between its turns, and begins nothing meanwhile', async () => {
    const run = await t.begin('paused', [{ calls: [['ask_person', { question: 'Go on?' }]] }, END], { tools });
    const gate = await t.stack.operator.openGate(run.id);
    await t.stack.operator.post(`/ops/runs/${run.id}/pause`, {});
    await t.answer(gate, 'approve', { comment: 'yes' });
    await until(async () => expect((await t.graphOf(run)).find(({ id }) => id === 'fix[2].turn')).toBeDefined(), WAIT);
    expect(t.model.asked('paused')).toHaveLength(1);
    await t.stack.operator.post(`/ops/runs/${run.id}/resume`, {});
    expect(heard(await t.stack.operator.ended(run.id))).toEqual([expect.stringContaining('yes')]);
  });

  it('is longer than one workflow, with a question open and what a person granted', async () => {
    const beyond: ScriptedTurn = { calls: [['run_command', { argv: ['git', 'ls-files', 'README.md'] }]] };
    const turns = [
      beyond,
      log(1),
      log(2),
      log(3),
      log(4),
      { calls: [['ask_person', { question: 'Still?' }]] } as ScriptedTurn,
      log(5),
      beyond,
      END,
    ];
    const run = await t.begin('long', turns, { tools });
    await t.answer(await t.stack.operator.openGate(run.id), 'approve');
    await isAsked('long', 6);
    const gate = await until(() => t.stack.operator.openGate(run.id), WAIT);
    const { records } = await t.stack.gics.list('segments', { limit: 1000 });
    expect(records.filter(({ id }) => id.startsWith(run.id))).not.toEqual([]);
    await t.answer(gate, 'approve', { comment: 'still' });
    const ended = await t.stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'done', error: null });
    const results = heard(ended);
    expect([results.length, results[0], results[7]]).toEqual([8, 'README.md\n', 'README.md\n']);
    expect(t.model.asked('long')).toHaveLength(9);
    const effects = await t.effectsOf(run);
    expect([effects.length, new Set(effects).size]).toEqual([16, 16]);
    await expectWholeLog(t.stack.gics, run.id);
  });

  it('corrects its answer also when it has outgrown a workflow, and no turn is asked for twice', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    const work = [
      ...Array.from({ length: 7 }, (_none, n) => log(n + 1)),
      { calls: [['ask_person', { question: 'Enough?' }]] } as ScriptedTurn,
    ];
    const run = await t.begin('corrected late', [...work, { say: 'twelve' }, { say: '{"n": 12}' }], {
      tools,
      with: { output_schema: schema },
      plan: { outputs: { n: 'nodes.fix.output.json.n' } },
    });
    const gate = await until(() => t.stack.operator.openGate(run.id), WAIT);
    const { records } = await t.stack.gics.list('segments', { limit: 1000 });
    expect(records.filter(({ id }) => id.startsWith(run.id))).not.toEqual([]);
    await t.answer(gate, 'approve');
    expect(await t.stack.operator.ended(run.id)).toMatchObject({ status: 'done', error: null, outputs: { n: 12 } });
    expect(t.model.asked('corrected late')).toHaveLength(10);
    await expectWholeLog(t.stack.gics, run.id);
  });
});
