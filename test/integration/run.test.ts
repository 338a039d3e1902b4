/** Plans that run: every kind of the spine, with the real worker behind the real API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gate, NodeDetail, Receipt } from '#contract/objects.ts';
import type { LogEntry } from '#contract/run-state.ts';
import { git } from '../helpers/repo.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

const plan = (nodes: object[], more: object = {}): object => ({ version: 1, title: 'a test plan', nodes, ...more });

// verifies: CARD-1, PRIN-3, OBJ-3
describe('control nodes', () => {
  it('pass values, conditions, joins and lists through a run whose outputs are what the expressions say', async () => {
    const nodes = [
      { id: 'a', kind: 'value', with: { value: { list: [1, 2, 3] } } },
      { id: 'b', kind: 'transform', needs: ['a'], with: { expr: 'nodes.a.output.list.map(x, x * 2)' } },
      { id: 'big', kind: 'condition', needs: ['b'], with: { if: 'nodes.b.output[2] > 5' } },
      { id: 'yes', kind: 'value', needs: ['big'], when: 'nodes.big.output', with: { value: 'yes' } },
      { id: 'no', kind: 'value', needs: ['big'], when: '!nodes.big.output', with: { value: 'no' } },
      { id: 'either', kind: 'join', needs: ['yes', 'no'], with: { mode: 'any' } },
      {
        id: 'each',
        kind: 'map',
        needs: ['b'],
        with: { over: '${{ nodes.b.output }}', nodes: [{ id: 'plus', kind: 'transform', with: { expr: 'item + index' } }] },
      },
      { id: 'nap', kind: 'wait', needs: ['either'], with: { ms: 5 } },
    ];
    const run = await stack.admin.startPlan(
      plan(nodes, { outputs: { doubled: 'nodes.b.output', each: 'nodes.each.output', joined: 'nodes.either.output' } }),
    );
    const ended = await stack.operator.ended(run.id);
    expect(ended.status).toBe('done');
    expect(ended.outputs).toEqual({ doubled: [2, 4, 6], each: [2, 5, 8], joined: 1 });
    expect(ended.nodes).toEqual({ total: 11, done: 10, skipped: 1, error: 0, running: 0, waiting: 0 });
    const log = await stack.actions.get<LogEntry[]>(`/ops/runs/${run.id}/log`);
    expect(log.map((entry) => entry.seq)).toEqual(log.map((_, index) => index + 1));
    expect(log.find((entry) => entry.node === 'no')?.text).toContain('skipped');
  });
});

describe('effect nodes', () => {
  it('run a process in the private clone and leave what a patch committed as a branch, the working copy untouched', async () => {
    const nodes = [
      { id: 'count', kind: 'process', with: { argv: ['sh', '-c', 'git ls-files | wc -l'], idempotent: true } },
      {
        id: 'report',
        kind: 'patch',
        needs: ['count'],
        with: {
          files: [{ path: 'reports/count.md', content: '# Files\n${{ nodes.count.output.stdout }}' }],
          validate: ['test', '-s', 'reports/count.md'],
        },
      },
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    const ended = await stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'done', branch: `gimo/${run.id}`, error: null });
    expect(git(stack.repo, 'show', `gimo/${run.id}:reports/count.md`)).toBe('# Files\n5');
    expect(git(stack.repo, 'status', '--porcelain')).toBe('');
    const node = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/count`);
    expect(node.output).toMatchObject({ exit_code: 0, stdout: '5\n' });
    expect(node.attempts).toHaveLength(1);
  });

  // verifies: VX-MAN-1
  it('roll a patch back as a whole when its validation fails, and end the run with the reason', async () => {
    const nodes = [{ id: 'bad', kind: 'patch', with: { files: [{ path: 'src/index.js', content: 'broken' }], validate: ['false'] } }];
    const run = await stack.admin.startPlan(plan(nodes));
    const ended = await stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'error', branch: null, error: { code: 'VALIDATION_FAILED' } });
  });

  it('cannot read the tokens of the instance nor reach its ports from a process', async () => {
    const tokens = stack.paths.tokens;
    const { port } = new URL(stack.url);
    const script = `cat '${tokens}' && echo READ; (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo REACHED; echo end`;
    const run = await stack.admin.startPlan(plan([{ id: 'spy', kind: 'process', with: { argv: ['bash', '-c', script] } }]));
    expect((await stack.operator.ended(run.id)).status).toBe('done');
    const node = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/spy`);
    expect(node.output).toMatchObject({ stdout: 'end\n' });
  });

  it('run once for each round of a loop, on what the round before came to', async () => {
    const argv = ['sh', '-c', 'echo $(( $1 * 2 ))', 'double', '${{ last == null ? "3" : string(last) }}'];
    const nodes = [{ id: 'double', kind: 'process', with: { argv, parse: 'json' } }];
    const loop = { while: 'last == null || last < 20', max: 9, nodes, output: 'nodes.double.output.json' };
    const run = await stack.admin.startPlan(plan([{ id: 'l', kind: 'loop', with: loop }], { outputs: { last: 'nodes.l.output' } }));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', outputs: { last: 24 }, nodes: { total: 4, done: 4 } });
    expect(await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/l[1].double`)).toMatchObject({
      kind: 'process',
      output: { json: 12 },
    });
    const log = await stack.actions.get<LogEntry[]>(`/ops/runs/${run.id}/log?node=l`);
    expect(log.map((entry) => entry.text)).toContain('ended after 3 rounds: `last == null || last < 20` is not true any more');
  });

  it('retry as often as the node says, and go on after a failure with `continue`', async () => {
    const nodes = [
      {
        id: 'flaky',
        kind: 'process',
        with: { argv: ['false'], idempotent: true },
        retry: { max_attempts: 3, backoff_ms: 1 },
        on_error: 'continue',
      },
      { id: 'after', kind: 'value', needs: ['flaky'], with: { value: '${{ nodes.flaky.status }}' } },
    ];
    const run = await stack.admin.startPlan(plan(nodes, { outputs: { after: 'nodes.after.output' } }));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', outputs: { after: 'error' } });
    const node = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/flaky`);
    expect(node.attempts.map((attempt) => attempt.error?.code)).toEqual(['PROCESS_FAILED', 'PROCESS_FAILED', 'PROCESS_FAILED']);
  });
});

// verifies: CARD-2
describe('gates', () => {
  it('wait for a person, take the answer once and carry the comment into the run', async () => {
    const nodes = [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }];
    const run = await stack.admin.startPlan(plan(nodes, { outputs: { answer: 'nodes.ask.output.comment' } }));
    const gate = await stack.operator.openGate(run.id);
    expect((await stack.operator.run(run.id)).waiting).toBe(true);
    await stack.operator.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash, comment: 'fine' });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', outputs: { answer: 'fine' } });
    const again = await stack.operator.ask('POST', `/ops/gates/${gate.id}/approve`, { body: { hash: gate.hash } });
    expect(again.status).toBe(409);
  });

  it('end the run as an error when the answer is no', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }]));
    const gate = await stack.operator.openGate(run.id);
    await stack.operator.post<Gate>(`/ops/gates/${gate.id}/reject`, { hash: gate.hash, comment: 'no' });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'REJECTED' } });
  });

  it('never approve by time-out', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'ask', kind: 'gate', timeout_ms: 50, with: { title: 'Go on?' } }]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'TIMEOUT' } });
  });
});

// verifies: CARD-2, API-5, PRIN-4
describe('stopping', () => {
  it('ends a running process tree and proves it in the receipt; a second cancel is refused', async () => {
    const nodes = [{ id: 'long', kind: 'process', with: { argv: ['sh', '-c', 'sleep 1000 & setsid sleep 1000 & wait'] } }];
    const run = await stack.admin.startPlan(plan(nodes));
    // A node counts as running from its place in the queue on; a process is on record from its start.
    await until(async () => expect(await stack.gics.count('processes')).toBe(1), { timeout: 30_000 });
    const answer = await stack.operator.ask<Receipt>('POST', `/ops/runs/${run.id}/cancel`, { headers: { 'idempotency-key': 'stop-1' } });
    expect(answer.status).toBe(200);
    expect(answer.body.nodes).toEqual([{ id: 'long', was: 'running', stopped: 'proven_empty', processes_left: 0 }]);
    expect(answer.body.confirmed_at).not.toBeNull();
    const same = await stack.operator.ask<Receipt>('POST', `/ops/runs/${run.id}/cancel`, { headers: { 'idempotency-key': 'stop-1' } });
    expect(same.body).toEqual(answer.body);
    expect((await stack.operator.ask('POST', `/ops/runs/${run.id}/cancel`)).status).toBe(409);
    expect((await stack.operator.run(run.id)).status).toBe('cancelled');
  });

  it('withdraws an open gate', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }]));
    const gate = await stack.operator.openGate(run.id);
    await stack.operator.post<Receipt>(`/ops/runs/${run.id}/cancel`);
    expect((await stack.operator.get<Gate>(`/ops/gates/${gate.id}`)).status).toBe('withdrawn');
  });

  it('pauses before the next node and goes on from there', async () => {
    const nodes = [
      { id: 'ask', kind: 'gate', with: { title: 'Go on?' } },
      { id: 'after', kind: 'noop', needs: ['ask'], with: { value: 1 } },
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    const gate = await stack.operator.openGate(run.id);
    await stack.operator.post(`/ops/runs/${run.id}/pause`);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    const paused = await stack.operator.until(run.id, (now) => now.nodes.done === 1);
    expect(paused).toMatchObject({ status: 'running', paused: true });
    await stack.operator.post(`/ops/runs/${run.id}/resume`);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', paused: false });
  });
});
