/** Requests of nodes through the real worker to a real server on this machine, which an admin has opened. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#contract/json.ts';
import type { Draft, NodeDetail, Packet, Receipt, Run } from '#contract/objects.ts';
import { auditOf, eventsOf } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'a-secret-for-the-server-0123456789';
const seen: { method: string; url: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
const open = new Set<http.ServerResponse>();
let host = '';
let stack: Stack;

/** Answers by path: what it was sent, nothing at all, a broken line, or a status. */
const server = http.createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => (body += text));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    open.add(response);
    response.on('close', () => open.delete(response));
    if (url === '/broken') request.socket.destroy();
    if (url === '/broken' || url === '/silent') return;
    const status = Number(/^\/status\/(\d+)/.exec(url)?.[1] ?? 200);
    response.writeHead(status, { 'content-type': 'application/json', 'set-cookie': 'session=1' });
    response.end(JSON.stringify({ method, url, body, authorization: headers.authorization ?? null }));
  });
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stack = await startStack({ env: { SERVER_TOKEN: SECRET, OTHER_TOKEN: 'other-token-0123456789' } });
  await stack.admin.put('/ops/config', { local_hosts: [host], node_secrets: { SERVER_TOKEN: [host] } });
}, 400_000);
afterAll(async () => {
  await stack.close();
  server.closeAllConnections();
  server.close();
});

const plan = (nodes: object[], more: object = {}): object => ({ version: 1, title: 'requests', nodes, ...more });
const request = (path: string, more: object = {}, node: object = {}): object => ({
  id: 'ask',
  kind: 'http',
  with: { url: `http://${host}${path}`, ...more },
  ...node,
});
const nodeOf = (run: Run): Promise<NodeDetail> => stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/ask`);
async function carriedOut(nodes: object[]): Promise<{ run: Run; node: NodeDetail }> {
  const run = await stack.operator.ended((await stack.admin.startPlan(plan(nodes))).id);
  return { run, node: await nodeOf(run) };
}
const seenOf = (url: string): typeof seen => seen.filter((item) => item.url === url);

describe('a request', () => {
  it('answers with status, headers, text and JSON, without what belongs to the connection', async () => {
    const value = { id: 'what', kind: 'value', with: { value: { list: [1, 2] } } };
    const body = { sent: '${{ nodes.what.output }}', text: 'n = ${{ nodes.what.output.list[1] }}' };
    const { run, node } = await carriedOut([
      value,
      request('/a?b=c', { method: 'POST', body, headers: { 'X-Mine': 'yes' } }, { needs: ['what'] }),
    ]);
    expect(run).toMatchObject({ status: 'done', cost_usd: 0 });
    expect(node.output).toMatchObject({ status: 200, truncated: false, json: { method: 'POST', url: '/a?b=c' } });
    expect((node.output as { headers: JsonObject }).headers).not.toHaveProperty('set-cookie');
    const [sent] = seenOf('/a?b=c');
    expect(JSON.parse(sent?.body ?? '')).toEqual({ sent: { list: [1, 2] }, text: 'n = 2' });
    expect(sent?.headers).toMatchObject({ 'content-type': 'application/json', 'x-mine': 'yes', host });
    expect(sent?.headers).not.toHaveProperty('idempotency-key');
  });

  it('names itself to the other side when it may be repeated', async () => {
    const { run } = await carriedOut([request('/keyed', { method: 'PUT', idempotent: true, body: 'text' })]);
    expect(seenOf('/keyed')[0]?.headers).toMatchObject({
      'idempotency-key': `${run.id}/ask/1/0`,
      'content-type': 'text/plain; charset=utf-8',
    });
  });

  it('fails on an error status, quotes it, and is tried again as the node says; a status that is allowed is an answer', async () => {
    const failing = await carriedOut([request('/status/503', {}, { retry: { max_attempts: 2, backoff_ms: 1 } })]);
    expect(failing.run).toMatchObject({ status: 'error', error: { code: 'HTTP_STATUS', message: expect.stringContaining('503') } });
    expect(seenOf('/status/503')).toHaveLength(2);
    const allowed = await carriedOut([request('/status/404', { allow_status: [404] })]);
    expect(allowed.node.output).toMatchObject({ status: 404, json: { url: '/status/404' } });
  });

  it('reaches nothing of this machine or its network that no admin has opened', async () => {
    const { port } = new URL(stack.url);
    for (const url of [
      `http://127.0.0.1:${port}/health`,
      'http://169.254.169.254/latest/meta-data/',
      'http://[::1]/',
      `http://localhost:${port}/`,
    ]) {
      const { run, node } = await carriedOut([{ id: 'ask', kind: 'http', with: { url } }]);
      expect([url, run.status, node.error?.code]).toEqual([url, 'error', 'ADDRESS_REFUSED']);
    }
  });

  it('that a reference leads out of the envelope is refused before it is sent', async () => {
    const ask = { id: 'ask', kind: 'http', with: { url: 'http://${{ inputs.where }}.example.com/out' } };
    const run = await stack.admin.startPlan(
      plan([ask], { inputs: { where: { default: `${host}/` } }, envelope: { hosts: ['*.example.com'] } }),
    );
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
    expect(seenOf('/out')).toEqual([]);
    expect((await auditOf(stack.gics, `${run.id}/ask`)).map(({ action }) => action)).toEqual(['effect.refused']);
  });
});

describe('a secret', () => {
  it('is sent where an admin allows it, is shown in the packet by name, and is masked in everything that comes back', async () => {
    const nodes = [request('/secret', { secret_headers: { Authorization: 'Bearer ${SERVER_TOKEN}' } })];
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan: plan(nodes) }, 201);
    const packet = await stack.operator.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    expect(packet.envelope).toMatchObject({ hosts: [host], secrets: ['SERVER_TOKEN'] });
    expect(packet.findings.map(({ rule }) => rule)).toEqual(['SENDS_SECRET', 'LOCAL_HOST', 'SENDS_REQUESTS']);
    const { run, node } = await carriedOut(nodes);
    expect(seenOf('/secret')[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
    expect(node.output).toMatchObject({ json: { authorization: 'Bearer [redacted:authorization]' } });
    expect(JSON.stringify([node, run, await eventsOf(stack.gics, run.id)])).not.toContain(SECRET);
  });

  it('that no admin allows for this host ends the run before anything is sent', async () => {
    const run = await stack.admin.startPlan(plan([request('/other', { secret_headers: { a: '${OTHER_TOKEN}' } })]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'SECRET_REFUSED' } });
    expect(seenOf('/other')).toEqual([]);
  });
});

describe('a request that may not be sent twice', () => {
  it('and whose answer was lost asks a person, who says what became of it', async () => {
    const run = await stack.admin.startPlan(plan([request('/broken', { method: 'POST' }, { retry: { max_attempts: 3, backoff_ms: 1 } })]));
    const gate = await stack.operator.openGate(run.id);
    expect(gate).toMatchObject({ kind: 'unknown', node: 'ask', message: expect.stringContaining('its answer did not arrive') });
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash, choice: 'done' });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(seenOf('/broken')).toHaveLength(1);
  });

  it('is sent again when the plan says that this does no harm', async () => {
    const node = { retry: { max_attempts: 3, backoff_ms: 1 }, on_error: 'continue' };
    await carriedOut([request('/broken', { method: 'POST', idempotent: true, body: 'again' }, node)]);
    expect(seenOf('/broken').filter(({ body }) => body === 'again')).toHaveLength(3);
  });
});

describe('a stop', () => {
  it('reaches a request that waits for its answer and leaves no socket open', async () => {
    const run = await stack.admin.startPlan(plan([request('/silent')]));
    await until(() => expect(seenOf('/silent')).toHaveLength(1), { timeout: 30_000 });
    const receipt = await stack.operator.post<Receipt>(`/ops/runs/${run.id}/cancel`);
    expect(receipt.nodes).toMatchObject([{ id: 'ask', processes_left: 0 }]);
    await until(() => expect(open.size).toBe(0), { timeout: 10_000 });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'cancelled' });
  });
});
