/** Messages that leave: signed, repeated under one id, never in the way of a run, and not lost with a worker. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#contract/json.ts';
import type { NodeDetail, Run } from '#contract/objects.ts';
import type { Delivery, Webhook } from '#contract/webhooks.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'a-secret-that-signs-0123456789';
type Received = { path: string; headers: http.IncomingHttpHeaders; body: JsonObject; isGenuine: boolean };
const received: Received[] = [];
/** Statuses that the server answers next on a path; after them 200. `0` = it never answers. */
const planned = new Map<string, number[]>();
let host = '';
let stack: Stack;

const server = http.createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (part: string) => (text += part));
  request.on('end', () => {
    const { url: path = '', headers } = request;
    const signature = createHmac('sha256', SECRET)
      .update(`${String(headers['gimo-timestamp'])}.${text}`)
      .digest('hex');
    const isGenuine = headers['gimo-signature'] === `v1=${signature}`;
    received.push({ path, headers, body: JSON.parse(text) as JsonObject, isGenuine });
    const status = planned.get(path)?.shift() ?? 200;
    if (status !== 0) response.writeHead(status).end('answer');
  });
});

const hooks: Record<string, string> = {};
async function register(name: string, events: string[]): Promise<void> {
  const body = { name, url: `http://${host}/${name}`, events, secret_ref: '${HOOK_SECRET}' };
  hooks[name] = (await stack.admin.post<Webhook>('/ops/webhooks', body, 201)).id;
}

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stack = await startStack({ env: { HOOK_SECRET: SECRET } });
  await stack.admin.put('/ops/config', { local_hosts: [host] });
  await register('team', []);
  await register('ends', ['run.done', 'run.error', 'run.cancelled', 'gate.opened']);
}, 400_000);
afterAll(async () => {
  await stack.close();
  server.closeAllConnections();
  server.close();
});

const plan = (nodes: object[]): object => ({ version: 1, title: 'messages', nodes });
const tell = (more: object = {}, node: object = {}): object => ({
  id: 'tell',
  kind: 'notify',
  with: { webhook: 'team', text: 'Hello', ...more },
  ...node,
});
const of = (path: string, run: Run): Received[] => received.filter((item) => item.path === path && item.body['run_id'] === run.id);
const deliveries = (name: string): Promise<Delivery[]> => stack.actions.get<Delivery[]>(`/ops/webhooks/${hooks[name]}/deliveries`);

// verifies: ARC-8b
describe('a notify node', () => {
  it('sends a signed message that holds what the plan says', async () => {
    const count = { id: 'count', kind: 'value', with: { value: { n: 3 } } };
    const text = tell({ text: 'n = ${{ nodes.count.output.n }}' }, { needs: ['count'] });
    const payload = { id: 'data', kind: 'notify', needs: ['count'], with: { webhook: 'team', payload: '${{ nodes.count.output }}' } };
    const run = await stack.admin.startPlan(plan([count, text, payload]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    const bodies = of('/team', run).map(({ body, headers, isGenuine }) => [
      body['text'] ?? body['payload'],
      headers['gimo-event'],
      isGenuine,
    ]);
    expect(bodies).toHaveLength(2);
    expect(bodies).toEqual(
      expect.arrayContaining([
        ['n = 3', 'notify', true],
        [{ n: 3 }, 'notify', true],
      ]),
    );
    const node = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/tell`);
    expect(node.output).toMatchObject({ status: 200, attempts: 1 });
  });

  it('is tried again when it was not taken, under one delivery id, and every try is listed', async () => {
    planned.set('/team', [503, 302]);
    const run = await stack.admin.startPlan(plan([tell({}, { retry: { max_attempts: 4, backoff_ms: 1 } })]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    const ids = of('/team', run).map(({ headers }) => headers['gimo-delivery']);
    expect([ids.length, new Set(ids).size]).toEqual([3, 1]);
    const listed = (await deliveries('team')).find(({ id }) => id === ids[0]);
    expect(listed).toMatchObject({ status: 'delivered', node: 'tell', run_id: run.id });
    expect(listed?.attempts.map(({ status }) => status)).toEqual([503, 302, 200]);
  });

  it('to a webhook that there is not ends the run at its start', async () => {
    const run = await stack.admin.startPlan(plan([tell({ webhook: 'nobody' })]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'WEBHOOK_UNKNOWN' } });
  });
});

describe('events of runs', () => {
  it('are reported when a gate opens and when a run ends, one delivery each', async () => {
    const gate = { id: 'ask', kind: 'gate', with: { title: 'Go on?' } };
    const run = await stack.admin.startPlan(plan([gate, { id: 'then', kind: 'noop', needs: ['ask'] }]));
    const open = await stack.operator.openGate(run.id);
    await until(() => expect(of('/ends', run)).toHaveLength(1), { timeout: 30_000 });
    await stack.operator.post(`/ops/gates/${open.id}/approve`, { hash: open.hash });
    await stack.operator.ended(run.id);
    await until(() => expect(of('/ends', run)).toHaveLength(2), { timeout: 30_000 });
    const [opened, ended] = of('/ends', run);
    expect(opened).toMatchObject({
      isGenuine: true,
      body: { event: 'gate.opened', title: 'messages', gate: { id: open.id, node: 'ask', title: 'Go on?' } },
    });
    expect(ended).toMatchObject({ isGenuine: true, body: { event: 'run.done', status: 'done', error: null } });
  });

  it('never hold up a run, and go out once a webhook answers again, also when the worker was killed meanwhile', async () => {
    planned.set('/ends', [0, 500]);
    const run = await stack.admin.startPlan(plan([{ id: 'bad', kind: 'transform', with: { expr: '1 / 0' } }]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error' });
    await until(() => expect(of('/ends', run)).toHaveLength(1), { timeout: 30_000 });
    const { pid } = stack.instance().parts.worker ?? { pid: null };
    await stack.kill('worker');
    await stack.back('worker', pid);
    const delivered = await until(
      async () => {
        const found = (await deliveries('ends')).find((item) => item.run_id === run.id && item.status === 'delivered');
        if (!found) throw new Error('not yet');
        return found;
      },
      { timeout: 90_000, interval: 200 },
    );
    expect(of('/ends', run).map(({ headers }) => headers['gimo-delivery'])).toEqual([delivered.id, delivered.id, delivered.id]);
    expect(of('/ends', run).at(-1)).toMatchObject({ isGenuine: true, body: { event: 'run.error', error: { code: 'EXPRESSION_FAILED' } } });
  });
});
