/**
 * Random plans under random faults: no node is lost, nothing that may happen once happens twice, every run comes to its end.
 * `npm run test:faults` carries out 200 schedules; `GIMO_FAULT_SCHEDULES=from-to` some of them.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectCarriedOut } from './run-schedule.ts';
import { scheduleOf } from './schedule.ts';
import { expectNothingLeft } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const HANG_MS = 120_000;
const [from = 1, to = from] = (process.env['GIMO_FAULT_SCHEDULES'] ?? '1-2').split('-').map(Number);
const seeds = Array.from({ length: to - from + 1 }, (_none, at) => from + at);

let stack: Stack;
beforeAll(async () => void (stack = await startStack({ env: { GIMO_SEGMENT_EVENTS: '80' } })), 400_000);
afterAll(() => stack.close());

it.each(seeds)('schedule %i ends done, whatever was killed or stood still', { timeout: 2 * HANG_MS }, async (seed) => {
  await expectCarriedOut(stack, scheduleOf(seed));
});

it('and leaves nothing behind', { timeout: HANG_MS }, async () => {
  await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
});

it('the same number gives the same schedule, another another', () => {
  expect(scheduleOf(7)).toEqual(scheduleOf(7));
  expect(scheduleOf(7)).not.toEqual(scheduleOf(8));
});
