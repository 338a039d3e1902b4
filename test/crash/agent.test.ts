/** An agent that is left without a worker in mid-loop. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { END, heard, startAgentRuns, type AgentRuns } from '../helpers/agent-runs.ts';
import { expectWholeLog } from '../helpers/run-facts.ts';
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
  idempotent: true,
};
const log = (n: number): ScriptedTurn => ({ calls: [['run_command', { argv: ['git', 'log', `-${n}`, '--format=%s'] }]] });

describe('an agent', () => {
  it('whose worker is killed in a turn and in a call goes on from there, and asks for no turn twice that had an answer', async () => {
    const run = await t.begin('killed', [log(1), { calls: [['run_command', { argv: ['sleep', '2'] }]] }, log(2), END], { tools });
    await until(async () => {
      const graph = await t.graphOf(run);
      expect(graph.find(({ id }) => id === 'fix[3].run_command_1')?.status).toBe('running');
    }, WAIT);
    const pid = t.stack.instance().parts['worker']?.pid ?? null;
    await t.stack.kill('worker');
    await t.stack.back('worker', pid);
    const ended = await t.stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'done', error: null });
    expect(heard(ended)).toHaveLength(3);
    expect(t.model.asked('killed')).toHaveLength(4);
    await expectWholeLog(t.stack.gics, run.id);
  });
});
