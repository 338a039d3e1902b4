/** The three workloads on DBOS. One run is one function in this process; each step is a row that is committed before the next. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { inWaves, serve, step } from './serve.mjs';

const ANSWER_S = 600;
/** Told by a run that it will now wait for an answer. */
const waiting = new Map();

const doStep = (n) => DBOS.runStep(async () => step(n), { name: `s${n}` });

const chain = DBOS.registerWorkflow(
  async (count) => {
    for (let n = 0; n < count; n++) await doStep(n);
  },
  { name: 'chain' },
);

const fanOut = DBOS.registerWorkflow((count, width) => inWaves(count, width, doStep), { name: 'fanOut' });

const gated = DBOS.registerWorkflow(
  async (count) => {
    for (let n = 0; n < count / 2; n++) await doStep(n);
    waiting.get(DBOS.workflowID)?.();
    if ((await DBOS.recv('answer', ANSWER_S)) === null) throw new Error('nobody answered');
    for (let n = count / 2; n < count; n++) await doStep(n);
  },
  { name: 'gated' },
);

const start = (target, id, ...args) => DBOS.startWorkflow(target, { workflowID: id })(...args);

async function done(target, ...args) {
  const handle = await start(target, crypto.randomUUID(), ...args);
  await handle.getResult();
}

async function gatedRun() {
  const id = crypto.randomUUID();
  const isWaiting = new Promise((tell) => waiting.set(id, tell));
  const handle = await start(gated, id, 4);
  await isWaiting;
  waiting.delete(id);
  await DBOS.send(id, 'yes', 'answer');
  await handle.getResult();
}

DBOS.setConfig({ name: 'peers', systemDatabaseUrl: process.env.DATABASE_URL, logLevel: 'error' });
// Takes up what an earlier process left.
await DBOS.launch();

serve({
  chain: (count) => done(chain, count),
  fanOut: (count, width) => done(fanOut, count, width),
  gates: (runs) => inWaves(runs, runs, gatedRun),
  begin: (id, count) => start(chain, id, count),
  end: (id) => DBOS.retrieveWorkflow(id).getResult(),
});
