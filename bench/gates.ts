/**
 * 200 runs of five nodes with one question each, answered through the API, against a hand-written workflow that waits for a signal; all
 * runs of a side are live at once, the sides in turns. `node bin/run.mjs bench/gates.ts [--json] [--runs N] [--rounds N]`.
 * The reference is signalled as soon as it is started, so it never waits for its answer.
 */
import { parseArgs } from 'node:util';
import { startStack } from '#test/helpers/stack.ts';
import { askedRuns, signalledRuns } from './gate-runs.ts';
import { median } from './measure.ts';
import { gatePlan } from './plans.ts';
import { connectBench, startReference } from './reference.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
  },
});
const RUNS = Number(options.runs);
const ROUNDS = Number(options.rounds);

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const stack = await startStack();
try {
  await stack.admin.put('/ops/config', { max_concurrent_runs: RUNS + 10 });
  const { approved } = await stack.admin.approvePlan(gatePlan());
  const { client, connection } = await connectBench(stack);
  const reference = await startReference(stack);
  const walls: { gimo: number; reference: number }[] = [];
  // One uncounted pair first.
  for (let round = 0; round <= ROUNDS; round++) {
    const pair = {
      reference: await timed(() => signalledRuns(reference.client, RUNS)),
      gimo: await timed(() => askedRuns(stack, client, approved, RUNS)),
    };
    if (round > 0) walls.push(pair);
  }
  await reference.stop();
  await connection.close();
  const [gimo, hand] = [median(walls.map((pair) => pair.gimo)), median(walls.map((pair) => pair.reference))];
  if (options.json) console.log(JSON.stringify({ runs: RUNS, gimo, reference: hand, ratio: gimo / hand }, null, 2));
  else
    console.log(
      `${RUNS} runs of 5 nodes with a question each: gimo ${gimo.toFixed(0)} ms, hand-written with a signal ${hand.toFixed(0)} ms, ${(gimo / hand).toFixed(2)} ×`,
    );
} finally {
  await stack.close();
}
