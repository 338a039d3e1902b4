/** Agents: models that work with tools, turn by turn and call by call in the graph of the run. Only the model is a mock. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft, Packet, Run } from '#contract/objects.ts';
import { agentPlan, END, heard, startAgentRuns, SUMS, type AgentRuns } from '../helpers/agent-runs.ts';
import { git } from '../helpers/repo.ts';
import { expectWholeLog } from '../helpers/run-facts.ts';
import { scripted, type ScriptedTurn } from '../helpers/scripted-model.ts';

let t: AgentRuns;
beforeAll(async () => void (t = await startAgentRuns()), 400_000);
afterAll(() => t?.close());

describe('an agent', () => {
  it('reads, searches, runs commands, changes files and calls a tool, each turn and call a node of the graph', async () => {
    const turns: ScriptedTurn[] = [
      {
        say: 'I look around.',
        calls: [
          ['list_files', {}],
          ['read_file', { path: 'README.md' }],
          ['search_files', { text: 'return n', path: 'src' }],
        ],
      },
      {
        calls: [
          ['run_command', { argv: ['git', 'log', '-1', '--format=%s'] }],
          ['mcp_sums_add', { a: 2, b: 40 }],
        ],
      },
      { calls: [['change_files', { files: [{ path: 'notes/a.md', content: '${{ inputs.secret }}\n' }], message: 'a note' }]] },
      END,
    ];
    const tools = {
      files: true,
      commands: [['git', 'log', '**']],
      write: ['notes/**'],
      validate: [['test', '-s', 'notes/a.md']],
      mcp: ['sums/add'],
    };
    const run = await t.carriedOut('everything', turns, { tools, plan: { envelope: { flows: ['fix'] } } });
    expect(run).toMatchObject({ status: 'done', error: null });
    const [listed, readme, found, subject, sum, changed] = heard(run);
    expect([listed, found]).toEqual([expect.stringContaining('README.md'), expect.stringMatching(/^src\/deep\/util\.js:\d+:.*return n/m)]);
    expect([subject, sum, readme]).toEqual(['first\n', '42', git(t.stack.repo, 'show', 'HEAD:README.md') + '\n']);
    expect(changed).toContain('notes/a.md');
    // What a model writes is never read as an expression.
    expect(git(t.stack.repo, 'show', `${run.branch}:notes/a.md`)).toBe('${{ inputs.secret }}');
    const graph = await t.graphOf(run);
    expect(graph.map(({ id, kind, status }) => `${id} ${kind} ${status}`)).toEqual([
      'fix agent done',
      'fix[0].turn llm done',
      'fix[1].list_files_1 process done',
      'fix[1].read_file_2 process done',
      'fix[1].search_files_3 process done',
      'fix[2].turn llm done',
      'fix[3].run_command_1 process done',
      'fix[3].mcp_sums_add_2 mcp_tool done',
      'fix[4].turn llm done',
      'fix[5].change_files_1 patch done',
      'fix[6].turn llm done',
    ]);
    expect(graph.find(({ id }) => id === 'fix[2].turn')?.needs).toEqual([
      'fix[1].list_files_1',
      'fix[1].read_file_2',
      'fix[1].search_files_3',
    ]);
    expect(await t.effectsOf(run)).toHaveLength(10);
    expect(await t.nodeOf(run, 'fix[3].run_command_1')).toMatchObject({
      with: { argv: ['git', 'log', '-1', '--format=%s'] },
      output: { stdout: 'first\n' },
    });
    expect((await t.nodeOf(run, 'fix')).output).toMatchObject({ turns: 4, tool_calls: 6, finish: 'stop' });
    expect(await t.logOf(run)).toContain('turn 1 asks for list_files, read_file, search_files: I look around.');
    await expectWholeLog(t.stack.gics, run.id);
  });

  it('asks before its model sends what it has read in the repository', async () => {
    const turns: ScriptedTurn[] = [{ calls: [['read_file', { path: 'README.md' }]] }, { calls: [['mcp_sums_add', { a: 2, b: 40 }]] }, END];
    const started = await t.begin('sends', turns, { tools: { files: true, mcp: ['sums/add'] } });
    const gate = await t.stack.operator.openGate(started.id);
    expect(gate).toMatchObject({ kind: 'envelope', node: 'fix[3].mcp_sums_add_1', risk: 'high' });
    await t.answer(gate, 'reject');
    const run = await t.stack.operator.ended(started.id);
    expect([run.status, heard(run)[1]]).toEqual(['done', expect.stringContaining('OUTSIDE_ENVELOPE')]);
  });

  it('asks a person, and hands a task to another agent; both answers are results', async () => {
    const turns: ScriptedTurn[] = [
      {
        calls: [
          ['ask_person', { question: 'Which colour ${{ 1 + 1 }}?' }],
          ['delegate', { agent: 'poet', task: scripted('child', { say: 'Blue.' }) }],
        ],
      },
      END,
    ];
    const started = await t.begin('asks', turns, { tools: { ask: true, agents: ['poet'] }, plan: { envelope: undefined } });
    const gate = await t.stack.operator.openGate(started.id);
    expect(gate).toMatchObject({ kind: 'question', node: 'fix[1].ask_person_1', message: 'Which colour ${{ 1 + 1 }}?', risk: 'medium' });
    await t.answer(gate, 'approve', { comment: 'Green, please' });
    const run = await t.stack.operator.ended(started.id);
    expect(run.error).toBeNull();
    expect(heard(run)).toEqual([expect.stringContaining('Green, please'), expect.stringContaining('Blue.')]);
  });

  it('shows in the packet what its model may choose, and counts its nodes', async () => {
    const plan = agentPlan('packet', [END], {
      tools: { commands: [['git', 'log', '**']], mcp: ['sums/add'] },
      with: { max_turns: 3, max_tool_calls: 4 },
    });
    const draft = await t.stack.admin.post<Draft>('/ops/drafts', { plan }, 201);
    const packet = await t.stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    expect(packet.findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['MODEL_CHOOSES', 'CALLS_TOOL', 'EXECUTES_COMMANDS']));
    expect(packet.envelope).toMatchObject({
      kinds: ['agent', 'llm', 'mcp_tool', 'process'],
      max_nodes: 8,
      max_depth: 2,
      tools: ['sums/add'],
    });
    expect(packet.preconditions.tools).toEqual({ 'sums/add': expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

describe('what an agent was not given', () => {
  const tools = { commands: [['git', 'log', '**']], write: ['notes/**'] };
  const command = (...argv: string[]): ScriptedTurn => ({ calls: [['run_command', { argv }]] });
  const lists = command('git', 'ls-files', '*.md', '${{ 1 }}');

  it('is asked for with only the delta, and is done after a yes', async () => {
    const started = await t.begin('beyond', [lists, END], { tools });
    const gate = await t.stack.operator.openGate(started.id);
    expect(gate).toMatchObject({ kind: 'envelope', node: 'fix[1].run_command_1' });
    expect(gate.evidence).toMatchObject({
      // A star that the model wrote is a star and no pattern, and a reference is no gap that anything could fill.
      delta: {
        commands: [['git', 'ls-files', '\\*.md', '${{ 1 }}']],
        kinds: [],
        paths: { read: [], write: [] },
        hosts: [],
        more_nodes: 0,
        max_depth: null,
      },
    });
    await t.answer(gate, 'approve');
    const run = await t.stack.operator.ended(started.id);
    expect(run.error).toBeNull();
    expect(heard(run)).toEqual(['README.md\n']);
  });

  it('is a result after a no, and the same is not asked for twice', async () => {
    const started = await t.begin('refused', [lists, lists, END], { tools });
    await t.answer(await t.stack.operator.openGate(started.id), 'reject');
    const run = await t.stack.operator.ended(started.id);
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(heard(run)).toEqual([expect.stringContaining('OUTSIDE_ENVELOPE'), expect.stringContaining('said no to this before')]);
    expect((await t.effectsOf(run)).filter((line) => line.endsWith('process'))).toEqual([]);
    expect((await t.graphOf(run)).find(({ id }) => id === 'fix[1].run_command_1')).toMatchObject({
      status: 'error',
      error: { code: 'OUTSIDE_ENVELOPE' },
    });
  });

  it('is asked for also when another node of the plan may do it', async () => {
    const other = { id: 'other', kind: 'process', with: { argv: ['git', 'ls-files', '*.md'], idempotent: true } };
    const plan = agentPlan('of another', [command('git', 'ls-files', '*.md'), END], { tools }) as { nodes: object[] };
    const started = await t.stack.admin.startPlan({ ...plan, nodes: [...plan.nodes, other] });
    const gate = await t.stack.operator.openGate(started.id);
    expect(gate).toMatchObject({ kind: 'envelope', node: 'fix[1].run_command_1' });
    await t.answer(gate, 'reject');
    expect(heard(await t.stack.operator.ended(started.id))).toEqual([expect.stringContaining('OUTSIDE_ENVELOPE')]);
  });

  it('is no tool at all: unknown names, arguments of another shape and no JSON are told to the model, and nothing is done', async () => {
    const calls: ScriptedTurn['calls'] = [
      ['delete_everything', {}],
      ['run_command', '{"argv": ['],
      ['run_command', { argv: 'rm -rf /' }],
      ['change_files', { files: [{ path: '../outside', content: 'x' }] }],
      ['ask_person', { question: 'May I?' }],
    ];
    const run = await t.carriedOut('wrong', [{ calls }, END], { tools });
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(heard(run)).toEqual([
      expect.stringContaining('There is no tool `delete_everything`'),
      expect.stringContaining('cannot be used: they are not JSON'),
      expect.stringContaining('cannot be used: argv'),
      expect.stringContaining('must not contain ..'),
      expect.stringContaining('There is no tool `ask_person`'),
    ]);
    expect(await t.effectsOf(run)).toEqual(['fix[0].turn llm', 'fix[2].turn llm']);
  });

  it('is a tool that has changed since it was approved', async () => {
    const draft = await t.stack.admin.post<Draft>(
      '/ops/drafts',
      { plan: agentPlan('changed', [END], { tools: { mcp: ['sums/add'] } }) },
      201,
    );
    const { hash } = await t.stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    const { approved } = await t.stack.admin.post<{ approved: { id: string } }>(`/ops/drafts/${draft.id}/approve`, { hash });
    await t.stack.admin.put('/ops/mcp/servers', { servers: { sums: { ...SUMS, argv: [...SUMS.argv, '--other'] } } });
    const run = await t.stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    expect(await t.stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'TOOL_CHANGED' } });
    expect(t.model.asked('changed')).toEqual([]);
    await t.stack.admin.put('/ops/mcp/servers', { servers: { sums: SUMS } });
  });
});
