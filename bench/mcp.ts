/**
 * What MCP adds to the same call over REST, and what sessions of the earlier era cost: `node bench/mcp.ts [--json] [--calls 400]`.
 * Both ways are asked in turn, over the same API with real storage, by plain requests, so that no client's own time counts.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseArgs } from 'node:util';
import { createMcpServer, EVERYTHING, Questions } from '#api/mcp/server.ts';
import { LegacySessions } from '#api/mcp/sessions.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { postMcp, startListeningApp } from '#test/helpers/mcp.ts';
import { median } from './measure.ts';

const WARM_UP = 20;
const SESSIONS = 300;
const WAVES = 3;
const LIMITS = 'read=1000000,write=1000000,stop=1000000';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, calls: { type: 'string', default: '400' } } });
const calls = Number(values.calls);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function overhead(): Promise<{ rest_ms: number; mcp_ms: number; added_ms: number }> {
  const t = await startListeningApp({ env: { GIMO_LIMITS: LIMITS } });
  const headers = { authorization: `Bearer ${TOKENS.admin}` };
  const rest = async (): Promise<string> => (await fetch(`${t.url}/ops/cost`, { headers })).text();
  const params = { name: 'get_cost', arguments: {} };
  const mcp = async (): Promise<void> => {
    const { result } = await postMcp({ url: t.url, token: TOKENS.admin, method: 'tools/call', params });
    if (result['isError'] === true) throw new Error(JSON.stringify(result));
  };
  const times: { rest: number[]; mcp: number[] } = { rest: [], mcp: [] };
  for (let n = 0; n < WARM_UP + calls; n++) {
    const [restMs, mcpMs] = [await timed(rest), await timed(mcp)];
    if (n < WARM_UP) continue;
    times.rest.push(restMs);
    times.mcp.push(mcpMs);
  }
  await t.close();
  const [restMs, mcpMs] = [median(times.rest), median(times.mcp)];
  return { rest_ms: restMs, mcp_ms: mcpMs, added_ms: mcpMs - restMs };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
async function heapMib(): Promise<number> {
  // What was closed is let go in later turns of the loop.
  for (let turn = 0; turn < 5; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** Opens sessions, lists tools in each, ends them all, again and again. Out: the heap after each wave, and per open session. */
async function sessions(): Promise<{ heap_mib: number[]; kib_per_session: number }> {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  };
  const authInfo = { token: '', clientId: 'bench', scopes: [] };
  const accept = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const host = {
    backendOf: () => Promise.reject(new Error('nothing is called')) as never,
    questions: new Questions(),
    options: EVERYTHING,
  };
  const request = (id?: string): Request =>
    new Request('http://localhost/mcp', { method: 'POST', headers: { ...accept, ...(id === undefined ? {} : { 'mcp-session-id': id }) } });
  const heap: number[] = [];
  let perSession = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    const before = await heapMib();
    const all = new LegacySessions(() => createMcpServer(host));
    for (let n = 0; n < SESSIONS; n++) {
      const opened = await all.serve({ request: request(), body: initialize, authInfo });
      await opened.text();
      const list = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };
      await (await all.serve({ request: request(opened.headers.get('mcp-session-id') ?? ''), body: list, authInfo })).text();
    }
    perSession = ((await heapMib()) - before) / SESSIONS;
    await all.close();
    heap.push(await heapMib());
  }
  return { heap_mib: heap.map((mib) => Math.round(mib * 10) / 10), kib_per_session: Math.round(perSession * 1024) };
}

const result = { overhead: await overhead(), sessions: await sessions() };
if (values.json) console.log(JSON.stringify(result));
else {
  const { rest_ms, mcp_ms, added_ms } = result.overhead;
  console.log(
    `GET /ops/cost ${rest_ms.toFixed(2)} ms, get_cost ${mcp_ms.toFixed(2)} ms: ${added_ms.toFixed(2)} ms added (p50 of ${calls})`,
  );
  console.log(
    `${SESSIONS} sessions ${WAVES} times: heap after each wave ${result.sessions.heap_mib.join(', ')} MiB, ${result.sessions.kib_per_session} KiB each`,
  );
}
process.exit(0);
