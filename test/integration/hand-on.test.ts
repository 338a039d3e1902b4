/** A run that goes on in its next workflow is answered in the very moment in which what it hands on is being kept. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gate, Run } from '#contract/objects.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { expectNothingLeft, expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

const WAIT = { timeout: 60_000 };
const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-held-'));
/** As long as it is there, nothing that is handed on gets kept. */
const held = path.join(dir, 'held');

let stack: Stack;
let access: TemporalAccess;
beforeAll(async () => {
  writeFileSync(held, '');
  const env = { GIMO_SEGMENT_EVENTS: '60', GIMO_SHORT_EFFECTS: '0', GIMO_FAILPOINTS: `segment.held=${held}` };
  stack = await startStack({ env });
  access = await connectTo(stack);
}, 400_000);
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await access?.connection.close();
  await stack?.close();
});

async function gateOf(run: Run, node: string): Promise<Gate> {
  return until(async () => {
    const open = await stack.operator.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`);
    const found = open.find((gate) => gate.node === node);
    if (!found) throw new Error(`${node} asks nothing`);
    return found;
  }, WAIT);
}

/** Waits: until it is being kept. */
const untilKeeping = ({ id }: Run): Promise<void> =>
  until(async () => {
    const { raw } = await access.client.workflow.getHandle(id).describe();
    const underWay = (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
    expect(underWay).toContain('keepSegment');
  }, WAIT);

it('an answer without any event of its own is not lost: what it asks for is done, once', { timeout: 180_000 }, async () => {
  const script = 'echo "$GIMO_EFFECT" >> out/tries; test $(wc -l < out/tries) -gt 1';
  const chain = Array.from({ length: 25 }, (_none, at) => ({ id: `c${at}`, kind: 'noop', needs: [at === 0 ? 'start' : `c${at - 1}`] }));
  const flaky = { id: 'flaky', kind: 'process', on_error: 'gate', with: { argv: ['sh', '-c', script], write: ['out'] } };
  const start = { id: 'start', kind: 'gate', with: { title: 'Start?' } };
  const run = await stack.admin.startPlan({ version: 1, title: 'answered on the way', nodes: [flaky, start, ...chain] });
  const [asked, first] = [await gateOf(run, 'flaky'), await gateOf(run, 'start')];
  await stack.operator.post(`/ops/gates/${first.id}/approve`, { hash: first.hash });
  await untilKeeping(run);
  await stack.operator.post(`/ops/gates/${asked.id}/approve`, { hash: asked.hash, choice: 'redo' });
  await until(async () => expect(await stack.gics.count('outbox'), 'the run has acknowledged it').toBe(0), WAIT);
  rmSync(held);
  expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
  expect(linesIn(stack, run.id, 'out/tries')).toEqual([`${run.id}/flaky/1/0`, `${run.id}/flaky/1/1`]);
  await expectWholeLog(stack.gics, run.id);
  await until(() => expectNothingLeft(stack), WAIT);
});
