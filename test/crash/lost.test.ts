/** What Temporal lost, ended or never had: GICS and the ledger decide. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionBytes, type Decision } from '#contract/decision.ts';
import type { Approved, Gate, Run } from '#contract/objects.ts';
import { signalProcess } from '#platform/processes.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { auditOf, eventsOf, expectNothingLeft, expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

const HANG_MS = 60_000;

let stack: Stack;
let access: TemporalAccess;
let client: Client;
beforeAll(async () => {
  stack = await startStack();
  access = await connectTo(stack);
  client = access.client;
}, 400_000);
afterAll(async () => {
  await access.connection.close();
  await stack.close();
});

const plan = (nodes: object[], policy: object = {}): object => ({ version: 1, title: 'a plan that is lost', policy, nodes });
const ask = (id: string, needs: string[]): object => ({ id, kind: 'gate', needs, with: { title: `Go on after ${id}?` } });
const append = (id: string, needs: string[] = [], more: object = {}): object => ({
  id,
  kind: 'process',
  needs,
  with: { argv: ['sh', '-c', 'echo "$GIMO_EFFECT" >> out/log'], write: ['out'], ...more },
});

async function answer(gate: Gate): Promise<void> {
  await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
}

async function gateOf(runId: string, node: string): Promise<Gate> {
  return until(
    async () => {
      const gate = await stack.operator.openGate(runId);
      if (gate.node !== node) throw new Error(`it waits at ${gate.node}`);
      return gate;
    },
    { timeout: HANG_MS },
  );
}

describe('Temporal comes back with an older database', () => {
  const copy = (): string => path.join(stack.paths.data, 'older.sqlite');

  async function copyDatabase(): Promise<void> {
    const db = new Database(stack.paths.temporalDb, { readonly: true });
    await db.backup(copy());
    db.close();
  }

  /** The supervisor is held meanwhile, else it would start Temporal on what is there. */
  async function restoreDatabase(): Promise<void> {
    const { pid: supervisor, parts } = stack.instance();
    const pid = parts['temporal']?.pid ?? 0;
    signalProcess(supervisor, 'SIGSTOP');
    try {
      signalProcess(-pid, 'SIGKILL');
      await until(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /), { timeout: HANG_MS });
      for (const end of ['-wal', '-shm']) rmSync(`${stack.paths.temporalDb}${end}`, { force: true });
      copyFileSync(copy(), stack.paths.temporalDb);
    } finally {
      signalProcess(supervisor, 'SIGCONT');
    }
    await stack.back('temporal', pid);
  }

  it('runs go on from the ledger: no effect again, no answer asked again, the log goes on', async () => {
    const nodes = [append('one'), ask('first', ['one']), append('two', ['first']), ask('last', ['two'])];
    const older = await stack.admin.startPlan(plan(nodes));
    const first = await gateOf(older.id, 'first');
    await copyDatabase();
    await answer(first);
    await gateOf(older.id, 'last');
    const unknown = await stack.admin.startPlan(plan(nodes));
    await gateOf(unknown.id, 'first');
    await restoreDatabase();

    for (const run of [older, unknown])
      await until(async () => expect((await auditOf(stack.gics, run.id)).map((entry) => entry.action)).toContain('run.restarted'), {
        timeout: HANG_MS,
      });
    await answer(await gateOf(unknown.id, 'first'));
    for (const run of [older, unknown]) {
      await answer(await gateOf(run.id, 'last'));
      expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
      expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/one/1/0`, `${run.id}/two/1/0`]);
      const events = (await eventsOf(stack.gics, run.id)).map((entry) => entry.data).sort((a, b) => a.seq - b.seq);
      expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
      expect(events.filter((event) => event.text.startsWith('Temporal could not go on with this run'))).toHaveLength(1);
      expect(events.at(-1)?.change).toMatchObject({ of: 'run', status: 'done' });
    }
    await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
  });
});

describe('a workflow that is terminated in Temporal', () => {
  it('is closed as cancelled: its processes are gone, its place is free, the audit log says so', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'long', kind: 'process', with: { argv: ['sleep', '1000'] } }]));
    await until(async () => expect(await stack.gics.count('processes')).toBe(1), { timeout: HANG_MS });
    await client.workflow.getHandle(run.id).terminate('a test');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'cancelled' });
    expect((await auditOf(stack.gics, run.id)).at(-1)).toMatchObject({ action: 'run.closed', detail: { status: 'cancelled' } });
    await expectWholeLog(stack.gics, run.id);
    await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
  });
});

describe('what nobody approved', () => {
  it.each(['a_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'd_01ARZ3NDEKTSV4RRFFQ69G5FAV'])(
    'does nothing when it is started at Temporal: %s',
    async (id) => {
      const input = { run_id: `r_${id.slice(2)}`, approved_id: id };
      const workflowId = `${input.run_id}-${id.slice(0, 1)}`;
      const result = await client.workflow.execute('runGraph', { workflowId, taskQueue: 'gimo-general', args: [input] });
      expect(result).toMatchObject({ status: 'error', error: { code: 'NOT_FOUND' } });
      const refused = (await auditOf(stack.gics, input.run_id)).filter((entry) => entry.action === 'run.refused');
      expect(refused.at(-1)?.detail).toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  async function expectRefused(approved: Approved): Promise<void> {
    const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'APPROVAL_INVALID' } });
    const actions = (await auditOf(stack.gics, run.id)).map((entry) => [entry.action, entry.detail['code']]);
    expect(actions).toContainEqual(['run.refused', 'APPROVAL_INVALID']);
    expect(await stack.gics.count('ledger', { run_id: run.id })).toBe(0);
  }

  it('is refused when a byte of an approved plan was changed in the store', async () => {
    const { approved } = await stack.admin.approvePlan(plan([append('one')]));
    const changed = { ...approved, plan: { ...approved.plan, nodes: [append('one', [], { memory_mb: 2049 })] } };
    await stack.gics.txn([{ op: 'put', collection: 'approved', id: approved.id, value: JSON.parse(JSON.stringify(changed)) }]);
    await expectRefused(approved);
  });

  it('is refused when it is signed by a key that is not in the ring', async () => {
    const { approved } = await stack.admin.approvePlan(plan([append('one')]));
    const [known] = approved.decision.signatures;
    const { privateKey } = generateKeyPairSync('ed25519');
    const signature = sign(null, decisionBytes(approved.decision), privateKey).toString('hex');
    const decision: Decision = { ...approved.decision, signatures: [{ kid: known?.kid ?? '', signature }] };
    await stack.gics.txn([
      { op: 'put', collection: 'approved', id: approved.id, value: JSON.parse(JSON.stringify({ ...approved, decision })) },
    ]);
    await expectRefused(approved);
  });

  it('is not approved by a decision that comes twice', async () => {
    const run = await stack.admin.startPlan(plan([ask('first', []), ask('last', ['first'])]));
    const first = await gateOf(run.id, 'first');
    await answer(first);
    const last = await gateOf(run.id, 'last');
    const { records } = await stack.gics.list<Decision>('decisions', { where: { subject_id: first.id } });
    const handle = client.workflow.getHandle(run.id);
    await handle.signal('approve', records[0]?.value);
    expect(await handle.query('state')).toMatchObject({ nodes: { last: { status: 'waiting' } } });
    await answer(last);
    await stack.operator.ended(run.id);
    const done = (await expectWholeLog(stack.gics, run.id)).filter((event) => event.text === 'done' && event.node !== null);
    expect(done.map((event) => event.node)).toEqual(['first', 'last']);
  });
});

describe('a worker that is told to stop', () => {
  const SLOW = 'echo "$GIMO_EFFECT" >> out/log; sleep 2';

  async function stopWhileItRuns(isIdempotent: boolean): Promise<Run> {
    const more = { argv: ['sh', '-c', SLOW], idempotent: isIdempotent };
    const run = await stack.admin.startPlan(plan([append('slow', [], more)]));
    await until(() => expect(linesIn(stack, run.id, 'out/log')).toHaveLength(1), { timeout: HANG_MS, interval: 20 });
    const pid = stack.instance().parts['worker']?.pid ?? 0;
    signalProcess(pid, 'SIGTERM');
    await stack.back('worker', pid);
    return run;
  }

  it('leaves what may be repeated to the next worker', async () => {
    const run = await stopWhileItRuns(true);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toHaveLength(2);
    await expectWholeLog(stack.gics, run.id);
  });

  it('has a person asked about what may happen only once', async () => {
    const run = await stopWhileItRuns(false);
    const gate = await stack.operator.openGate(run.id);
    expect(gate.kind).toBe('unknown');
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash, choice: 'done' });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(linesIn(stack, run.id, 'out/log')).toHaveLength(1);
    await expectWholeLog(stack.gics, run.id);
    await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
  });
});
