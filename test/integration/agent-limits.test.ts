/** Agents whose models do what models should not: each has a defined end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { END, heard, startAgentRuns, type AgentRuns } from '../helpers/agent-runs.ts';
import type { ScriptedTurn } from '../helpers/scripted-model.ts';

let t: AgentRuns;
beforeAll(async () => void (t = await startAgentRuns()), 400_000);
afterAll(() => t?.close());

describe('an agent whose model', () => {
  const tools = { commands: [['git', 'log', '**'], ['false']] };
  const log = (n: number): ScriptedTurn => ({ calls: [['run_command', { argv: ['git', 'log', `-${n}`, '--format=%h'] }]] });

  it('never stops is told that it may not go on, and then ends as an error', async () => {
    const run = await t.carriedOut('never', [log(1), log(2), log(3)], { tools, with: { max_turns: 3 } });
    expect(run).toMatchObject({ status: 'error', error: { code: 'AGENT_LIMIT' } });
    expect(t.model.asked('never').map((request) => request.tool_choice ?? 'auto')).toEqual(['auto', 'auto', 'none']);
    expect((await t.effectsOf(run)).filter((line) => line.endsWith('process'))).toHaveLength(2);
  });

  it('asks for the same for ever ends as an error long before its turns are used up', async () => {
    const run = await t.carriedOut('again', [log(1)], { tools });
    expect(run).toMatchObject({ status: 'error', error: { code: 'AGENT_LIMIT', message: expect.stringContaining('in a row') } });
    expect(t.model.asked('again')).toHaveLength(5);
  });

  it('asks for more calls than it may make has those done that fit, and is told of the others', async () => {
    const calls = Array.from({ length: 4 }, (_none, n): [string, object] => ['run_command', { argv: ['git', 'log', `-${n + 1}`] }]);
    const run = await t.carriedOut('many', [{ calls }, END], { tools, with: { max_tool_calls: 2 } });
    expect(run.status).toBe('done');
    expect((await t.effectsOf(run)).filter((line) => line.endsWith('process'))).toHaveLength(2);
    expect(heard(run).slice(2)).toEqual([expect.stringContaining('At most 2 calls'), expect.stringContaining('At most 2 calls')]);
  });

  it('calls a tool that fails, or that says too much, hears just that', async () => {
    const run = await t.carriedOut(
      'fails',
      [
        {
          calls: [
            ['run_command', { argv: ['false'] }],
            ['run_command', { argv: ['git', 'log', '--patch'] }],
          ],
        },
        END,
      ],
      {
        tools,
        with: { max_result_chars: 200 },
      },
    );
    expect(heard(run)).toEqual([
      expect.stringContaining('[exit code 1]'),
      expect.stringMatching(/^.{200}\n\[cut: the first 200 of \d+ characters\]$/s),
    ]);
  });

  it('breaks off in mid-answer is asked again, and its turn shows that', async () => {
    const run = await t.carriedOut('cut', [{ ...log(1), does: 'cut' }, END], { tools });
    expect(run).toMatchObject({ status: 'done', error: null });
    expect((await t.graphOf(run)).find(({ id }) => id === 'fix[0].turn')).toMatchObject({ status: 'done', attempt_count: 2 });
  });

  it('refuses the key ends the node with the reason, and another attempt is another conversation', async () => {
    const retry = { max_attempts: 2, backoff_ms: 10 };
    const run = await t.carriedOut('key', [log(1), { say: 'done', does: 'refuse' }], { tools, node: { retry } });
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(t.model.asked('key')).toHaveLength(4);
    expect((await t.effectsOf(run)).filter((line) => line.endsWith('process'))).toHaveLength(2);
    expect(await t.carriedOut('key once', [log(1), { say: 'done', does: 'refuse' }], { tools })).toMatchObject({
      status: 'error',
      error: { code: 'PROVIDER_AUTH' },
    });
  });

  it('would cost more than there is left is not asked', async () => {
    const plan = { envelope: { budget: { usd: 1, tokens: 9000, wall_ms: 600_000 } }, policy: { over_budget: 'fail' } };
    const run = await t.carriedOut('budget', [log(1), log(2), END], { tools, plan, with: { max_output_tokens: 4000 } });
    expect(run).toMatchObject({ status: 'error', error: { code: 'BUDGET_EXCEEDED' } });
    expect(t.model.asked('budget').length).toBeLessThan(3);
  });
});
