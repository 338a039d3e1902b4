/** An agent whose worker dies around the turn in which its model corrects the answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import { startAgentRuns, type AgentRuns } from '../helpers/agent-runs.ts';
import { expectNothingLeft, expectWholeLog } from '../helpers/run-facts.ts';
import type { ScriptedTurn } from '../helpers/scripted-model.ts';
import { until } from '../helpers/until.ts';

const WAIT = { timeout: 60_000 };
const CORRECTION = 'fix[4].turn';
const SCHEMA = { type: 'object', properties: { commits: { type: 'integer' } }, required: ['commits'], additionalProperties: false };
const TURNS: ScriptedTurn[] = [
  { calls: [['run_command', { argv: ['git', 'log', '-1', '--format=%s'] }]] },
  { say: 'One commit, I think.' },
  { say: '{"commits": 1}' },
];
/** The n-th is armed at the n-th start. Each run has four effects, of which the last corrects; that of the run before goes on first. */
const CASES = [
  { point: 'effect.after-intent:4', when: 'before its model was asked', corrections: 1 },
  { point: 'effect.before-result:5', when: 'with an answer that nobody has kept', corrections: 2 },
  { point: 'effect.after-result:5', when: 'with an answer that is kept and not yet read', corrections: 1 },
];

let t: AgentRuns;
beforeAll(async () => void (t = await startAgentRuns({ GIMO_FAILPOINTS: CASES.map(({ point }) => point).join(';') })), 400_000);
afterAll(() => t?.close());

describe('an agent whose worker is killed while it corrects its answer', () => {
  it.each(CASES)('$when ends as if nothing had been, and asks again only for what was lost', async ({ when, corrections }) => {
    const restarts = (): number => t.stack.instance().parts['worker']?.restarts ?? 0;
    const before = restarts();
    const run = await t.begin(when, TURNS, {
      tools: { commands: [['git', 'log', '**']] },
      with: { output_schema: SCHEMA },
      plan: { outputs: { commits: 'nodes.fix.output.json.commits' } },
    });
    await until(() => expect(restarts()).toBe(before + 1), WAIT);
    expect(await t.stack.operator.ended(run.id)).toMatchObject({ status: 'done', error: null, outputs: { commits: 1 } });
    expect((await t.nodeOf(run, 'fix')).output).toMatchObject({ turns: 3, tool_calls: 1 });
    expect((await t.graphOf(run)).map(({ id, status }) => `${id} ${status}`)).toEqual([
      'fix done',
      'fix[0].turn done',
      'fix[1].run_command_1 done',
      'fix[2].turn done',
      `${CORRECTION} done`,
    ]);
    const asked = t.model.asked(when);
    expect(asked).toHaveLength(TURNS.length - 1 + corrections);
    // Who is asked again hears the same again.
    for (const again of asked.slice(TURNS.length)) expect(again).toEqual(asked[TURNS.length - 1]);
    expect((await t.logOf(run)).filter((text) => text.includes('correct its answer'))).toHaveLength(1);
    const { records } = await t.stack.gics.list<LedgerEntry>('ledger', { where: { run_id: run.id } });
    const states = records.flatMap(({ value }) => (value.node === CORRECTION ? [value.state] : []));
    expect(states.filter((state) => state === 'done')).toHaveLength(1);
    expect(states).not.toContain('intent');
    await expectWholeLog(t.stack.gics, run.id);
  });

  it('and leaves nothing behind', async () => {
    expect(t.stack.instance().parts['worker']?.restarts).toBe(CASES.length);
    await until(() => expectNothingLeft(t.stack), WAIT);
  });
});
