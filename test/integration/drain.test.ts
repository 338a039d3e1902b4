/** Before an upgrade: nothing is under way, so that whatever is restarted nobody is asked what became of an effect. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gate, Run } from '#contract/objects.ts';
import { gimo } from '../../cli/test-api.ts';
import { killAndWait } from '../helpers/recovery.ts';
import { auditOf, expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const WAIT = { timeout: 60_000 };
let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

type Drained = { drained: boolean; paused_runs: string[]; left: { run_id: string; node: string }[] };

async function drain(...args: string[]): Promise<{ code: number; result: Drained & { resumed_runs: string[] } }> {
  const { code, stdout, stderr } = await gimo(['drain', ...args, '--json'], { GIMO_DATA_DIR: stack.paths.data });
  expect(stdout, stderr).not.toBe('');
  return { code, result: JSON.parse(stdout) as Drained & { resumed_runs: string[] } };
}

/** Ends when a file is there. */
const append = (id: string, needs: string[], waitsFor = '.'): object => ({
  id,
  kind: 'process',
  needs,
  with: { argv: ['sh', '-c', `echo "$GIMO_EFFECT" >> out/log; until test -e ${waitsFor}; do sleep 0.1; done`], write: ['out'] },
});
const start = (nodes: object[]): Promise<Run> => stack.admin.startPlan({ version: 1, title: 'An upgrade comes', nodes });

it('waits for effects, starts none, asks nobody after a restart, and goes on when it is undone', async () => {
  const run = await start([append('one', [], 'out/go'), append('two', ['one'])]);
  await until(() => expect(linesIn(stack, run.id, 'out/log')).toHaveLength(1), WAIT);
  const short = await drain('--timeout', '0');
  expect(short).toMatchObject({ code: 1, result: { drained: false, left: [{ run_id: run.id, node: 'one' }] } });
  writeFileSync(path.join(stack.paths.workspaces, run.id, 'tree/out/go'), '');
  expect(await drain()).toMatchObject({ code: 0, result: { drained: true, paused_runs: [run.id], left: [] } });
  const later = await start([append('three', [])]);
  await killAndWait(stack, 'worker');
  expect(await stack.operator.get<Gate[]>('/ops/gates?status=open')).toEqual([]);
  expect(await stack.operator.run(run.id)).toMatchObject({ status: 'running', paused: true });
  expect(await stack.operator.run(later.id)).toMatchObject({ status: 'pending' });
  expect(linesIn(stack, run.id, 'out/log')).toHaveLength(1);
  expect(await drain('--undo')).toMatchObject({ code: 0, result: { resumed_runs: [run.id] } });
  for (const { id } of [run, later]) {
    expect(await stack.operator.ended(id)).toMatchObject({ status: 'done' });
    await expectWholeLog(stack.gics, id);
  }
  expect(linesIn(stack, run.id, 'out/log')).toEqual([`${run.id}/one/1/0`, `${run.id}/two/1/0`]);
  expect((await auditOf(stack.gics, run.id)).map(({ action }) => action)).toEqual(expect.arrayContaining(['runs_pause', 'runs_resume']));
});
