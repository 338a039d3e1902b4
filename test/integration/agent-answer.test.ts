/** Agents that have to end with JSON of a given form: it fits, is corrected once, or is refused. Only the model is a mock. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '#contract/objects.ts';
import { startAgentRuns, type AgentOptions, type AgentRuns } from '../helpers/agent-runs.ts';
import type { ScriptedTurn } from '../helpers/scripted-model.ts';

let t: AgentRuns;
beforeAll(async () => void (t = await startAgentRuns()), 400_000);
afterAll(() => t?.close());

const SCHEMA = { type: 'object', properties: { commits: { type: 'integer' } }, required: ['commits'], additionalProperties: false };
const tools = { commands: [['git', 'log', '**']] };
const log = (n: number): ScriptedTurn => ({ calls: [['run_command', { argv: ['git', 'log', `-${n}`, '--format=%s'] }]] });
const FITS: ScriptedTurn = { say: '```json\n{"commits": 1}\n```' };
const MISSES: ScriptedTurn = { say: 'One commit, I think.' };

const carriedOut = (title: string, turns: ScriptedTurn[], { with: more, ...options }: AgentOptions = {}): Promise<Run> =>
  t.carriedOut(title, turns, {
    tools,
    plan: { outputs: { commits: 'nodes.fix.output.json.commits' } },
    with: { output_schema: SCHEMA, ...more },
    ...options,
  });
const processesOf = async (run: Run): Promise<string[]> => (await t.effectsOf(run)).filter((line) => line.endsWith('process'));

describe('an agent with a schema for its answer', () => {
  it('gives the value that fits, however it is wrapped, and its model heard the schema in each turn', async () => {
    const run = await carriedOut('fits', [log(1), FITS]);
    expect(run).toMatchObject({ status: 'done', error: null, outputs: { commits: 1 } });
    expect((await t.nodeOf(run, 'fix')).output).toEqual({ text: FITS.say, json: { commits: 1 }, finish: 'stop', turns: 2, tool_calls: 1 });
    const asked = t.model.asked('fits');
    expect(asked.map(({ messages }) => messages[0]?.content?.includes(JSON.stringify(SCHEMA)))).toEqual([true, true]);
    // A grammar of the endpoint would leave its model no way to ask for a tool.
    expect(asked.map((request) => 'response_format' in request)).toEqual([false, false]);
  });

  it('without tools has it enforced by the endpoint too', async () => {
    expect(await carriedOut('native', [FITS], { tools: {} })).toMatchObject({ status: 'done', outputs: { commits: 1 } });
    expect(t.model.asked('native')).toMatchObject([{ response_format: { json_schema: { schema: SCHEMA } } }]);
  });

  it('is told what does not fit and may correct it, in a turn of its own that the graph and the log show', async () => {
    const run = await carriedOut('corrected', [log(1), { say: '{"commits": "one", "more": 1}' }, FITS]);
    expect(run).toMatchObject({ status: 'done', error: null, outputs: { commits: 1 } });
    const graph = await t.graphOf(run);
    expect(graph.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'fix done',
      'fix[0].turn done',
      'fix[1].run_command_1 done',
      'fix[2].turn done',
      'fix[4].turn done',
    ]);
    expect(graph.at(-1)?.needs).toEqual(['fix[2].turn']);
    expect((await t.nodeOf(run, 'fix')).output).toMatchObject({ turns: 3, tool_calls: 1 });
    const [, , last] = t.model.asked('corrected');
    expect(last?.tool_choice).toBe('none');
    expect(last?.messages.slice(-2)).toMatchObject([
      { role: 'assistant', content: '{"commits": "one", "more": 1}' },
      { role: 'user', content: expect.stringMatching(/- \/commits must be "integer"\n- \/more is not allowed/) },
    ]);
    expect(await t.logOf(run)).toContainEqual(expect.stringMatching(/^turn 3: asks the model to correct its answer: \/commits must be/));
  });

  it('that does not fit after that either ends as the error that a single call ends with', async () => {
    const run = await carriedOut('never fits', [MISSES]);
    expect(run).toMatchObject({ status: 'error', error: { code: 'PROVIDER_BAD_OUTPUT', message: expect.stringContaining('is not JSON') } });
    expect(t.model.asked('never fits')).toHaveLength(2);
  });

  it('that asks for tools when asked to correct it ends too, and nothing more is done', async () => {
    const run = await carriedOut('instead', [MISSES, log(1)]);
    expect(run).toMatchObject({
      status: 'error',
      error: { code: 'PROVIDER_BAD_OUTPUT', message: expect.stringContaining('asks for tools') },
    });
    expect(await processesOf(run)).toEqual([]);
  });

  it('that was cut is not asked for again', async () => {
    const run = await carriedOut('cut', [{ say: '{"commits":', finish: 'length' }, FITS]);
    expect(run).toMatchObject({
      status: 'error',
      error: { code: 'PROVIDER_BAD_OUTPUT', hint: expect.stringContaining('max_output_tokens') },
    });
    expect(t.model.asked('cut')).toHaveLength(1);
  });

  it('corrects it also after all its other turns, and never takes more than it may', async () => {
    const run = await carriedOut('to the end', [log(1), MISSES, FITS], { with: { max_turns: 3 } });
    expect(run).toMatchObject({ status: 'done', outputs: { commits: 1 } });
    expect(t.model.asked('to the end').map((request) => request.tool_choice ?? 'auto')).toEqual(['auto', 'none', 'none']);
    const endless = await carriedOut('endless', [log(1), log(2), log(3)], { with: { max_turns: 3 } });
    expect(endless).toMatchObject({ status: 'error', error: { code: 'AGENT_LIMIT' } });
    expect(t.model.asked('endless')).toHaveLength(2);
  });

  it('is not asked to correct it where the budget has no room for that', async () => {
    const budget = { usd: 1, tokens: 12_000, wall_ms: 600_000 };
    const long: ScriptedTurn = { calls: [['run_command', { argv: ['git', 'log', '-1', '--format=%<(5000)%s'] }]] };
    const run = await carriedOut('no room', [long, { say: '$RESULTS'.repeat(4) }, FITS], {
      with: { max_output_tokens: 1000 },
      plan: { envelope: { budget }, policy: { over_budget: 'fail' }, outputs: {} },
    });
    expect(run).toMatchObject({ status: 'error', error: { code: 'BUDGET_EXCEEDED' } });
    expect(t.model.asked('no room')).toHaveLength(2);
  });

  it('has another conversation when the node is tried again', async () => {
    const retry = { max_attempts: 2, backoff_ms: 10, on: ['PROVIDER_BAD_OUTPUT'] };
    const run = await carriedOut('again', [MISSES], { node: { retry } });
    expect(run).toMatchObject({ status: 'error', error: { code: 'PROVIDER_BAD_OUTPUT' } });
    expect(t.model.asked('again')).toHaveLength(4);
  });
});
