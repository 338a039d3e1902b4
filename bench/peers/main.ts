/**
 * Restate and DBOS beside GIMO, in one run, in turns: `npm ci` in this folder, then
 * `node bin/run.mjs bench/peers/main.ts [--json] [--rounds N] [--only restate,dbos,gimo] [--no-kill]` from the top.
 */
import { parseArgs } from 'node:util';
import { median } from '../measure.ts';
import { startGimo } from '../gimo-peer.ts';
import { killTest, type Kept } from './kill-test.ts';
import { startDbos, startRestate, type Peer } from './peer.ts';

const CHAIN = 100;
const FAN_OUT = 1000;
const WIDTH = 100;
const GATES = 200;
const KILL_AT = 60;
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'gimo,restate,dbos' },
    'no-kill': { type: 'boolean', default: false },
  },
});
const ROUNDS = Number(options.rounds);
const STARTS: Record<string, () => Promise<Peer>> = { gimo: startGimo, restate: startRestate, dbos: startDbos };

type Times = { chain: number[]; fanOut: number[]; gates: number[] };
type Row = { peer: string; durable: string; chainMs: number; fanOutMs: number; gatesMs: number; kept: Kept | null };

async function round(peer: Peer, times: Times | null): Promise<void> {
  const one = { chain: await peer.chain(CHAIN), fanOut: await peer.fanOut(FAN_OUT, WIDTH), gates: await peer.gates(GATES) };
  if (times) for (const work of ['chain', 'fanOut', 'gates'] as const) times[work].push(one[work]);
  console.error(
    `${peer.name}: ${Object.entries(one)
      .map(([work, ms]) => `${work} ${ms.toFixed(0)} ms`)
      .join(', ')}`,
  );
}

/** Peers in turns; the first round is not counted. */
async function measure(peers: Peer[]): Promise<Row[]> {
  const times = peers.map((): Times => ({ chain: [], fanOut: [], gates: [] }));
  for (let n = 0; n <= ROUNDS; n++) for (const [index, peer] of peers.entries()) await round(peer, n === 0 ? null : (times[index] ?? null));
  const rows: Row[] = [];
  for (const [index, { name, durable, ...peer }] of peers.entries()) {
    const { chain = [], fanOut = [], gates = [] } = times[index] ?? {};
    const kept = options['no-kill'] ? null : await killTest(peer, CHAIN, KILL_AT);
    rows.push({ peer: name, durable, chainMs: median(chain), fanOutMs: median(fanOut), gatesMs: median(gates), kept });
  }
  return rows;
}

function print(rows: Row[]): void {
  console.log(`medians of ${ROUNDS}             ms a step,     steps/s,  runs/s with a    kill -9 at step ${KILL_AT} of ${CHAIN}`);
  console.log(`                        chain ${CHAIN}  fan-out ${FAN_OUT}  question, ${GATES}    lost  done again`);
  for (const { peer, durable, chainMs, fanOutMs, gatesMs, kept } of rows) {
    const figures = [
      (chainMs / CHAIN).toFixed(2).padStart(10),
      ((FAN_OUT / fanOutMs) * 1000).toFixed(0).padStart(12),
      ((GATES / gatesMs) * 1000).toFixed(1).padStart(14),
      (kept ? String(kept.lost) : '–').padStart(8),
      (kept?.repeated === undefined ? '–' : String(kept.repeated)).padStart(11),
    ];
    console.log(`${peer.padEnd(20)} ${figures.join(' ')}   ${durable}`);
  }
}

const peers: Peer[] = [];
try {
  for (const name of options.only.split(',')) {
    const start = STARTS[name];
    if (!start) throw new Error(`there is no peer ${name}`);
    peers.push(await start());
  }
  const rows = await measure(peers);
  if (options.json) console.log(JSON.stringify(rows, null, 2));
  else print(rows);
} finally {
  for (const peer of peers) await peer.close();
}
