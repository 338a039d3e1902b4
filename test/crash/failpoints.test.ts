/** A process dies at a named place: just after an intent, just before or after a result, before or after a commit, inside a patch. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Approved, Draft, Gate, NodeDetail, Packet, Run } from '#contract/objects.ts';
import { git } from '../helpers/repo.ts';
import { auditOf, expectNothingLeft, expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Part, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const HANG_MS = 60_000;
const APPEND = 'echo "$GIMO_EFFECT" >> out/log';

const plan = (nodes: object[]): object => ({ version: 1, title: 'a plan whose worker dies', nodes });
const appends = (more: object = {}): object => ({
  id: 'append',
  kind: 'process',
  with: { argv: ['sh', '-c', APPEND], write: ['out'], ...more },
});

let stack: Stack;

function restarts(part: Part): number {
  return stack.instance().parts[part]?.restarts ?? 0;
}

/** Waits: until the part has died and is ready again, so often since the start. */
async function diedAndCameBack(part: Part, times: number): Promise<void> {
  const isBack = (): void => {
    const state = stack.instance().parts[part];
    expect(state?.restarts).toBe(times);
    expect(state?.state).toBe('ready');
    expect(state?.last_exit?.signal).toBe('SIGKILL');
  };
  await until(isBack, { timeout: HANG_MS });
}

async function ledgerOf(runId: string): Promise<LedgerEntry[]> {
  return (await stack.gics.list<LedgerEntry>('ledger', { where: { run_id: runId }, order: 'asc' })).records.map((record) => record.value);
}

/** The gate that asks what became of an effect. */
async function unknownGate(run: Run): Promise<Gate> {
  const gate = await stack.operator.openGate(run.id);
  expect(gate).toMatchObject({ kind: 'unknown', node: 'append', risk: 'high' });
  expect(gate.evidence).toMatchObject({ kind: 'process', attempt: 1, with: { argv: ['sh', '-c', APPEND] } });
  expect(await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/append`)).toMatchObject({ status: 'unknown', gate_id: gate.id });
  return gate;
}

async function answerUnknown(gate: Gate, verdict: 'approve' | 'reject', choice?: 'done' | 'redo'): Promise<void> {
  await stack.operator.post(`/ops/gates/${gate.id}/${verdict}`, { hash: gate.hash, ...(choice === undefined ? {} : { choice }) });
}

describe('the worker dies', () => {
  /** The n-th is armed at the n-th start. A count leaves out the passages of the run before, which goes on first. */
  const POINTS = [
    'effect.after-intent',
    'effect.after-intent:2',
    'effect.after-intent:3',
    'effect.after-intent:2',
    'effect.before-result:2',
    'effect.before-result',
    'effect.after-result:2',
    'patch.writing',
    'patch.applied:2',
    'patch.committed:2',
  ];
  beforeAll(async () => void (stack = await startStack({ env: { GIMO_FAILPOINTS: POINTS.join(';') } })), 400_000);
  afterAll(() => stack.close());

  /** The n-th run of this block is the one during which the worker dies for the n-th time. */
  async function runThatKills(nodes: object[]): Promise<Run> {
    const before = restarts('worker');
    const run = await stack.admin.startPlan(plan(nodes));
    await diedAndCameBack('worker', before + 1);
    return run;
  }

  it('after the intent of what may happen once: a person is asked, and `done` ends the run without doing it', async () => {
    const run = await runThatKills([appends()]);
    await answerUnknown(await unknownGate(run), 'approve', 'done');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toEqual([]);
    expect((await ledgerOf(run.id)).map((entry) => entry.state)).toEqual(['unknown']);
    expect((await auditOf(stack.gics, `${run.id}/append/1/0`)).map((entry) => entry.action)).toEqual(['effect.unknown']);
    await expectWholeLog(stack.gics, run.id);
  });

  it('after the intent: `redo` does it, under a ledger entry of its own', async () => {
    const run = await runThatKills([appends()]);
    await answerUnknown(await unknownGate(run), 'approve', 'redo');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/append/1/1`]);
    expect((await ledgerOf(run.id)).map((entry) => entry.state)).toEqual(['unknown', 'done']);
    await expectWholeLog(stack.gics, run.id);
  });

  it('after the intent: a no fails the node', async () => {
    const run = await runThatKills([appends()]);
    await answerUnknown(await unknownGate(run), 'reject');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'OUTCOME_UNKNOWN' } });
    expect(linesIn(stack, run.id, 'out/log')).toEqual([]);
    await expectWholeLog(stack.gics, run.id);
  });

  it('after the intent of what may be repeated: it is repeated, nobody is asked', async () => {
    const run = await runThatKills([appends({ idempotent: true })]);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/append/1/0`]);
    await expectWholeLog(stack.gics, run.id);
  });

  it('before the result of what may happen once: a person is asked although it did happen', async () => {
    const run = await runThatKills([appends()]);
    const gate = await unknownGate(run);
    expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/append/1/0`]);
    await answerUnknown(gate, 'approve', 'done');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toHaveLength(1);
    await expectWholeLog(stack.gics, run.id);
  });

  it('before the result of what may be repeated: it is repeated', async () => {
    const run = await runThatKills([appends({ idempotent: true })]);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toHaveLength(2);
    expect((await ledgerOf(run.id)).map((entry) => entry.state)).toEqual(['done']);
    await expectWholeLog(stack.gics, run.id);
  });

  it('after the result: it is not done again', async () => {
    const run = await runThatKills([appends()]);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/append/1/0`]);
    await expectWholeLog(stack.gics, run.id);
  });

  it.each(['while files are written', 'before the commit', 'after the commit'])('inside a patch, %s: one commit, whole', async () => {
    const files = [
      { path: 'reports/a.md', content: 'a\n' },
      { path: 'README.md', content: 'changed\n' },
    ];
    const run = await runThatKills([{ id: 'change', kind: 'patch', with: { files } }]);
    const branch = `gimo/${run.id}`;
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', branch });
    expect(git(stack.repo, 'rev-list', '--count', `main..${branch}`)).toBe('1');
    expect(git(stack.repo, 'diff', '--name-only', 'main', branch).split('\n')).toEqual(['README.md', 'reports/a.md']);
    expect(git(stack.repo, 'show', `${branch}:README.md`)).toBe('changed');
    await expectWholeLog(stack.gics, run.id);
  });

  it('and leaves nothing behind', async () => {
    expect(restarts('worker')).toBe(POINTS.length);
    await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
  });
});

describe('GICS dies', () => {
  // Past the start, in the middle of the approvals below.
  const POINTS = ['gics.before_commit:60', 'gics.after_commit:60'];
  beforeAll(async () => void (stack = await startStack({ env: { GIMO_FAILPOINTS: POINTS.join(';') } })), 400_000);
  afterAll(() => stack.close());

  /** As a client does that got no answer: the same request again, with the same key. */
  async function approveStubbornly(draft: Draft, packet: Packet): Promise<Approved> {
    const headers = { 'idempotency-key': `approve-${draft.id}` };
    return until(
      async () => {
        const ask = { body: { hash: packet.hash }, headers };
        const answer = await stack.admin.ask<{ approved: Approved }>('POST', `/ops/drafts/${draft.id}/approve?auto_run=true`, ask);
        expect(answer.status, JSON.stringify(answer.body)).toBe(200);
        return answer.body.approved;
      },
      { timeout: HANG_MS, interval: 20 },
    );
  }

  it('just before and just after a commit while drafts are approved: one approved artifact and one run each, which ends', async () => {
    const approved: Approved[] = [];
    const again = { timeout: HANG_MS, interval: 20 };
    const nodes = [appends({ idempotent: true }), { id: 'next', kind: 'noop', needs: ['append'] }];
    while (restarts('gics') < POINTS.length) {
      const draft = await until(() => stack.admin.post<Draft>('/ops/drafts', { plan: plan(nodes) }, 201), again);
      const packet = await until(() => stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`), again);
      approved.push(await approveStubbornly(draft, packet));
    }
    await diedAndCameBack('gics', POINTS.length);
    for (const { id, draft_id: draftId } of approved) {
      const made = await stack.gics.list<Approved>('approved', { where: { draft_id: draftId } });
      expect(made.records.map((record) => record.id)).toEqual([id]);
      const { records: runs } = await stack.gics.list<Run>('runs', { where: { approved_id: id } });
      expect(runs).toHaveLength(1);
      const run = await stack.operator.ended(runs[0]?.id ?? '');
      expect(run).toMatchObject({ status: 'done' });
      await expectWholeLog(stack.gics, run.id);
    }
    await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
  });
});
