/** A history that no worker can replay: the run does not stand still, it is started anew from the ledger. */
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from '#contract/objects.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { auditOf, eventsOf, expectNothingLeft, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

const QUEUE = 'foreign';
const HANG_MS = 60_000;
const logger = new DefaultLogger('ERROR', () => undefined);

let stack: Stack;
let access: TemporalAccess;
let connection: NativeConnection;
beforeAll(async () => {
  Runtime.install({ logger });
  stack = await startStack();
  access = await connectTo(stack);
  connection = await NativeConnection.connect({ address: stack.instance().temporal_address });
}, 400_000);
afterAll(async () => {
  await connection.close();
  await access.connection.close();
  await stack.close();
});

/** While a worker with this code serves the queue. */
async function served(code: string, work: () => Promise<void>): Promise<void> {
  const options = { connection, namespace: 'gimo', taskQueue: QUEUE, workflowBundle: { code }, maxCachedWorkflows: 0 };
  const worker = await Worker.create(options);
  await worker.runUntil(work());
}

const restartsOf = async (run: Run): Promise<unknown[]> =>
  (await auditOf(stack.gics, run.id)).filter(({ action }) => action === 'run.restarted').map(({ detail }) => detail['why']);

it('is started anew, and nothing that was done is done again', { timeout: 180_000 }, async () => {
  const write = (id: string, needs: string[]): object => ({
    id,
    kind: 'process',
    needs,
    with: { argv: ['sh', '-c', 'echo "$GIMO_EFFECT" >> out/log'], write: ['out'] },
  });
  const nodes = [write('one', []), { id: 'ask', kind: 'gate', needs: ['one'], with: { title: 'Go on?' } }, write('two', ['ask'])];
  const run = await stack.admin.startPlan({ version: 1, title: 'cannot be replayed', nodes });
  const gate = await stack.operator.openGate(run.id);
  const { code } = await bundleWorkflowCode({ logger, workflowsPath: path.resolve('test/fixtures/foreign-workflow.ts') });
  await served(code, async () => {
    const handle = await access.client.workflow.start('runGraph', {
      workflowId: run.id,
      taskQueue: QUEUE,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    });
    await until(async () => expect((await handle.describe()).historyLength).toBeGreaterThan(4), { timeout: HANG_MS });
  });
  await served(code.replace("FIRST_STEP = 'a timer'", "FIRST_STEP = 'nothing'"), async () => {
    await access.client.workflow.getHandle(run.id).signal('wake');
    await until(async () => expect(await restartsOf(run)).toEqual(['holds a history that no worker can replay']), { timeout: HANG_MS });
  });
  await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
  expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
  expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/one/1/0`, `${run.id}/two/1/0`]);
  const seqs = (await eventsOf(stack.gics, run.id)).map(({ data }) => data.seq).sort((a, b) => a - b);
  expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
  await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
});
