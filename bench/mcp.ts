/**
 * What MCP adds to the same call over REST, and what sessions of the earlier era cost that are opened and left:
 * `node bench/mcp.ts [--json] [--rounds 7] [--calls 100]`. Both ways are asked in turn, in rounds, over the same API with real storage,
 * by plain requests. The first calls are not counted: they measure how a process warms up.
 */
import { parseArgs } from 'node:util';
import { createMcpServer, EVERYTHING, Questions } from '#api/mcp/server.ts';
import { LegacySessions } from '#api/mcp/sessions.ts';
import { readConfig } from '#platform/config.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { postMcp, startListeningApp } from '#test/helpers/mcp.ts';
import { heapMib } from '#test/helpers/memory.ts';
import { until } from '#test/helpers/until.ts';
import { median } from './measure.ts';

const WARM_UP = 300;
const SESSIONS = 300;
const WAVES = 3;
const LIMITS = 'read=1000000,write=1000000,stop=1000000';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    calls: { type: 'string', default: '100' },
  },
});
const rounds = Number(values.rounds);
const calls = Number(values.calls);

type Way = () => Promise<unknown>;
type Pair = { rest_ms: number; mcp_ms: number };

async function timed(work: Way): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Medians of `count` calls of each way, one after the other so that both meet the same weather. */
async function round(rest: Way, mcp: Way, count: number): Promise<Pair> {
  const times: { rest: number[]; mcp: number[] } = { rest: [], mcp: [] };
  for (let n = 0; n < count; n++) {
    times.rest.push(await timed(rest));
    times.mcp.push(await timed(mcp));
  }
  return { rest_ms: median(times.rest), mcp_ms: median(times.mcp) };
}

type Overhead = Pair & { added_ms: number; ratio: number; rounds: Pair[] };

async function overhead(): Promise<Overhead> {
  const t = await startListeningApp({ env: { GIMO_LIMITS: LIMITS } });
  const headers = { authorization: `Bearer ${TOKENS.admin}` };
  const rest = async (): Promise<string> => (await fetch(`${t.url}/ops/cost`, { headers })).text();
  const params = { name: 'get_cost', arguments: {} };
  const mcp = async (): Promise<void> => {
    const { result } = await postMcp({ url: t.url, token: TOKENS.admin, method: 'tools/call', params });
    if (result['isError'] === true) throw new Error(JSON.stringify(result));
  };
  await round(rest, mcp, WARM_UP);
  const all: Pair[] = [];
  for (let n = 0; n < rounds; n++) all.push(await round(rest, mcp, calls));
  await t.close();
  const of = (pick: (pair: Pair) => number): number => median(all.map(pick));
  return {
    rest_ms: of(({ rest_ms }) => rest_ms),
    mcp_ms: of(({ mcp_ms }) => mcp_ms),
    added_ms: of(({ rest_ms, mcp_ms }) => mcp_ms - rest_ms),
    ratio: of(({ rest_ms, mcp_ms }) => mcp_ms / rest_ms),
    rounds: all,
  };
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
};
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };
const AUTH = { token: '', clientId: 'bench', scopes: [] };

function request(id?: string): Request {
  const accept = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  return new Request('http://localhost/mcp', {
    method: 'POST',
    headers: { ...accept, ...(id === undefined ? {} : { 'mcp-session-id': id }) },
  });
}

/** Opens sessions, lists tools in each, and leaves them to their idle time. Out: the heap when they have gone, and what an open one takes. */
async function sessions(): Promise<{ heap_mib: number[]; kib_per_session: number }> {
  const host = {
    backendOf: () => Promise.reject(new Error('nothing is called')) as never,
    questions: new Questions(),
    options: EVERYTHING,
  };
  const idleMs = readConfig({ GIMO_MCP_IDLE_S: '2' }).mcpIdleMs;
  const all = new LegacySessions(() => createMcpServer(host), { idleMs });
  const heap: number[] = [];
  let perSession = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    const before = await heapMib();
    for (let n = 0; n < SESSIONS; n++) {
      const opened = await all.serve({ request: request(), body: INITIALIZE, authInfo: AUTH });
      await opened.text();
      await (await all.serve({ request: request(opened.headers.get('mcp-session-id') ?? ''), body: LIST, authInfo: AUTH })).text();
    }
    perSession = ((await heapMib()) - before) / all.size;
    await until(
      () => {
        if (all.size > 0) throw new Error(`${all.size} sessions have not ended by themselves.`);
      },
      { timeout: 30_000 },
    );
    heap.push(await heapMib());
  }
  await all.close();
  return { heap_mib: heap.map((mib) => Math.round(mib * 10) / 10), kib_per_session: Math.round(perSession * 1024) };
}

const result = { overhead: await overhead(), sessions: await sessions() };
if (values.json) console.log(JSON.stringify(result));
else {
  const { rest_ms, mcp_ms, added_ms, ratio, rounds: each } = result.overhead;
  console.log('median ms         REST   MCP tool   difference   ratio');
  const row = (name: string, rest: number, mcp: number, added: number, times: number): string =>
    [
      name.padEnd(14),
      rest.toFixed(2).padStart(8),
      mcp.toFixed(2).padStart(10),
      added.toFixed(2).padStart(12),
      times.toFixed(2).padStart(8),
    ].join('');
  for (const [n, pair] of each.entries())
    console.log(row(`round ${n + 1}`, pair.rest_ms, pair.mcp_ms, pair.mcp_ms - pair.rest_ms, pair.mcp_ms / pair.rest_ms));
  console.log(row('all rounds', rest_ms, mcp_ms, added_ms, ratio));
  const { heap_mib, kib_per_session } = result.sessions;
  console.log(
    `${SESSIONS} sessions opened and left, ${WAVES} times: heap after each wave ${heap_mib.join(', ')} MiB, ${kib_per_session} KiB each`,
  );
}
process.exit(0);
