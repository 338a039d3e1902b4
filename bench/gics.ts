/**
 * GICS against raw better-sqlite3 in one run: durable transactions and reads of 1 KB records.
 * `node bench/gics.ts [--json] [--seconds 2]`; raw = the same tables in this process, one commit per write, synchronous=FULL.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { connectGics, type GicsClient } from '#gics/client.ts';
import { dataPaths } from '#platform/paths.ts';

type Row = { what: string; clients: number; per_s: number; ratio_to_raw: number };
type Work = (worker: number, n: number) => Promise<unknown>;

const BODY = { status: 'done', text: 'x'.repeat(980) };
const RECORDS = 2000;
const CLIENTS = [1, 32];

/** Runs `work` over and over in `clients` loops. Out: completed calls per second. */
async function rate(clients: number, seconds: number, work: Work): Promise<number> {
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  let done = 0;
  const loop = async (worker: number): Promise<void> => {
    for (let n = 0; performance.now() < endAt; n += 1) {
      await work(worker, n);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, worker) => loop(worker)));
  return done / ((performance.now() - startedAt) / 1000);
}

function syncRate(seconds: number, work: (n: number) => unknown): number {
  const startedAt = performance.now();
  let n = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    work(n);
    n += 1;
  }
  return n / ((performance.now() - startedAt) / 1000);
}

function rawRates(dir: string, seconds: number): { write: number; read: number } {
  const db = new Database(path.join(dir, 'raw.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE records (collection TEXT, id TEXT, rev INTEGER, value TEXT, PRIMARY KEY (collection, id))');
  const put = db.prepare('INSERT INTO records VALUES (?, ?, 1, ?)');
  const get = db.prepare<[string, string], { value: string }>('SELECT * FROM records WHERE collection = ? AND id = ?');
  const write = syncRate(seconds, (n) => put.run('runs', `r${n}`, JSON.stringify(BODY)));
  const read = syncRate(seconds, (n) => JSON.parse(get.get('runs', `r${n % 100}`)?.value ?? 'null') as unknown);
  db.close();
  return { write, read };
}

async function startDaemon(dataDir: string): Promise<{ gics: (count: number) => GicsClient[]; stop: () => void }> {
  const child = spawn(process.execPath, [path.resolve('gics/main.ts')], {
    env: { PATH: process.env['PATH'], GIMO_DATA_DIR: dataDir, GIMO_LOG_LEVEL: 'error' },
    stdio: 'inherit',
  });
  const url = `unix:${dataPaths(dataDir).gicsSocket}`;
  const clients: GicsClient[] = [];
  const gics = (count: number): GicsClient[] => {
    while (clients.length < count) clients.push(connectGics(url));
    return clients.slice(0, count);
  };
  await Promise.all(gics(Math.max(...CLIENTS)).map((client) => client.count('runs')));
  const stop = (): void => {
    for (const client of clients) void client.close();
    child.kill();
  };
  return { gics, stop };
}

async function measure(dir: string, seconds: number): Promise<Row[]> {
  const raw = rawRates(dir, seconds);
  const rows: Row[] = [
    { what: 'raw write', clients: 1, per_s: raw.write, ratio_to_raw: 1 },
    { what: 'raw read', clients: 1, per_s: raw.read, ratio_to_raw: 1 },
  ];
  const daemon = await startDaemon(path.join(dir, 'data'));
  for (const count of CLIENTS) {
    const clients = daemon.gics(count);
    const of = (worker: number): GicsClient => clients[worker] ?? daemon.gics(1)[0]!; // there is always a first one
    const write: Work = (worker, n) =>
      of(worker).txn([{ op: 'put', collection: 'runs', id: `${count}-${worker}-${n}`, value: BODY, rev: 0 }]);
    const append: Work = (worker) => of(worker).txn([{ op: 'append', stream: `run/${worker}/events`, items: [{ data: BODY }] }]);
    const audit: Work = (worker) => of(worker).txn([{ op: 'append', stream: 'audit', items: [{ data: BODY }] }]);
    const get: Work = (worker, n) => of(worker).get('settings', `s${n % RECORDS}`);
    const list: Work = (worker) => of(worker).list('settings', { limit: 20 });
    if (count === CLIENTS[0])
      for (let n = 0; n < RECORDS; n += 1) await of(0).txn([{ op: 'put', collection: 'settings', id: `s${n}`, value: BODY }]);
    const push = async (what: string, base: number, work: Work): Promise<void> => {
      const perS = await rate(count, seconds, work);
      rows.push({ what, clients: count, per_s: perS, ratio_to_raw: perS / base });
    };
    await push('durable put', raw.write, write);
    await push('durable append', raw.write, append);
    await push('durable chained append', raw.write, audit);
    await push('get', raw.read, get);
    await push('list of 20', raw.read, list);
  }
  daemon.stop();
  return rows;
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '2' } } });
const dir = mkdtempSync(path.join(tmpdir(), 'gics-bench-'));
try {
  const rows = await measure(dir, Number(values.seconds));
  const rounded = rows.map((row) => ({ ...row, per_s: Math.round(row.per_s), ratio_to_raw: Number(row.ratio_to_raw.toFixed(2)) }));
  if (values.json) console.log(JSON.stringify(rounded));
  else console.table(rounded);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
