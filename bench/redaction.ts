/**
 * The redactor against a pass-through in one run: `node bench/redaction.ts [--json] [--seconds 2]`.
 * Both read each line once; MB/s are of processor time, so that a busy machine counts less.
 */
import { parseArgs } from 'node:util';
import { redact } from '#platform/redact.ts';
import { CARRIERS, makeCredentials } from '#test/security/credentials.ts';
import { makeOrdinaryLines } from '#test/security/ordinary-lines.ts';

type Row = { what: string; mb_per_s: number; best_mb_per_s: number; ratio_to_pass_through: number };

const MIB = 1024 * 1024;
const LINES = 100_000;
const SLICE_MS = 100;
const LINES_AT_ONCE = 12;
/** Where in the lines the next slice begins. */
let place = 0;

/** A check that has to look at every character and finds nothing. */
const passThrough = (line: string): string => (line.includes('\u0000\u0000') ? '' : line);

/** MB/s of slices of work, the slowest first: on a machine that others use too, only the best ones say what the code costs. */
function speeds(lines: readonly string[], seconds: number, work: (line: string) => string): number[] {
  const slices: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  while (performance.now() < endAt) slices.push(slice(lines, work));
  return slices.toSorted((a, b) => a - b);
}

function slice(lines: readonly string[], work: (line: string) => string): number {
  let [bytes, kept] = [0, 0];
  const before = process.cpuUsage();
  const endAt = performance.now() + SLICE_MS;
  while (performance.now() < endAt) {
    for (let times = 0; times < LINES_AT_ONCE; times += 1) {
      const line = lines[place % lines.length] ?? '';
      place += 1;
      kept += work(line).length;
      bytes += line.length;
    }
  }
  const { user, system } = process.cpuUsage(before);
  if (kept === 0) throw new Error('nothing was measured');
  return bytes / MIB / ((user + system) / 1e6);
}

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '2' } } });
const seconds = Number(values.seconds);
const ordinary = makeOrdinaryLines(LINES);
const secrets = Object.values(CARRIERS).flatMap((carrier) => makeCredentials(20).map(carrier));
const hostile = ['eyJ', 'token=', 'password="', '://a:', '-----BEGIN PRIVATE KEY-----', 'Cookie: a=b '].map((part) => part.repeat(20_000));
const requests = Array.from({ length: LINES }, (_none, n) =>
  JSON.stringify({
    level: 'info',
    time: '2026-03-04T11:22:33.444Z',
    part: 'api',
    correlation_id: ordinary[n]?.slice(-36),
    method: 'GET',
    path: `/ops/runs/${n}`,
    status: 200,
    ms: n % 90,
    msg: 'request',
  }),
);
const sets: [string, readonly string[]][] = [
  ['log lines of requests', requests],
  ['lines full of things that look like secrets', ordinary],
  [
    'one line of a hundred with a secret',
    ordinary.map((line, index) => (index % 100 === 0 ? (secrets[index % secrets.length] ?? line) : line)),
  ],
  ['every line with a secret', secrets],
  ['hostile text', hostile],
];
const rows: Row[] = sets.map(([what, lines]) => {
  // Once for the compiler.
  speeds(lines, 0.5, redact);
  const found = speeds(lines, seconds, redact);
  const ratio = median(found) / median(speeds(lines, seconds / 4, passThrough));
  return {
    what,
    mb_per_s: Math.round(median(found)),
    best_mb_per_s: Math.round(found.at(-1) ?? 0),
    ratio_to_pass_through: Number(ratio.toFixed(4)),
  };
});
if (values.json) console.log(JSON.stringify(rows));
else console.table(rows);
