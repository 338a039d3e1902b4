import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM, runStreams } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import { NodeCommandSchema, verifyNodeCommand } from '#contract/node-command.ts';
import type { Approved, Draft, GraphNode, Run } from '#contract/objects.ts';
import type { NodeStatus, RunEvent } from '#contract/run-state.ts';
import { startApp, TOKENS, type Answer, type TestApp } from '#test/helpers/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const nodes = [
  { id: 'a', kind: 'noop' },
  { id: 'ask', kind: 'gate', with: { title: 'Go on?' } },
  { id: 'nap', kind: 'wait', with: { ms: 1000 } },
  { id: 'm', kind: 'map', with: { over: [1], nodes: [{ id: 'x', kind: 'noop' }] } },
];

/** A run whose log says this of its nodes; no worker answers. */
async function runWith(shown: Record<string, NodeStatus>): Promise<string> {
  const draft = await t.post<Draft>('/ops/drafts', { plan: { version: 1, title: 'Steered', nodes } });
  const { approved } = (await t.post<{ approved: Approved }>(`/ops/drafts/${draft.body.id}/approve`, { hash: draft.body.hash })).body;
  const { id } = (await t.post<Run>('/ops/runs', { approved_id: approved.id })).body;
  const events = Object.entries(shown).map(([node, status], index): RunEvent => {
    const kind = node === 'ask' ? 'gate' : node === 'nap' ? 'wait' : 'noop';
    const at = new Date(Date.UTC(2026, 0, 1) + index).toISOString();
    return { seq: index + 1, at, node, level: 'info', text: status, change: { of: 'node', kind, status, attempt: 2 } };
  });
  const items = events.map((data) => ({ key: String(data.seq), data: data as unknown as JsonObject }));
  await t.store.gics.txn([{ op: 'append', stream: runStreams.events(id), items }]);
  return id;
}

const retry = (id: string, node: string): Promise<Answer<GraphNode>> =>
  t.post<GraphNode>(`/ops/runs/${id}/nodes/${encodeURIComponent(node)}/retry`);
const skip = (id: string, node: string, reason = 'not wanted'): Promise<Answer<GraphNode>> =>
  t.post<GraphNode>(`/ops/runs/${id}/nodes/${encodeURIComponent(node)}/skip`, { reason });
const messages = async (id: string): Promise<JsonObject[]> =>
  (await t.store.gics.list('outbox', { where: { run_id: id } })).records
    .map((record) => record.value)
    .filter((row) => row['kind'] !== 'start');

describe('steering a node', () => {
  // verifies: MA-1
  it('stores a signed command and its audit entry in one transaction, bound to the attempt that was seen', async () => {
    const id = await runWith({ a: 'error' });
    expect(await retry(id, 'a')).toMatchObject({ status: 200, body: { id: 'a', status: 'error' } });
    expect((await skip(id, 'm')).status).toBe(200);
    const [first, second] = (await messages(id)).map((row) => NodeCommandSchema.parse(row['command']));
    const ring = [{ kid: t.deps.signingKey().kid, public_key: t.publicKey }];
    const commands = [first, second].flatMap((command) => command ?? []);
    expect(commands.map((command) => verifyNodeCommand(command, ring))).toEqual([true, true]);
    expect(commands.map((command) => verifyNodeCommand({ ...command, node: 'ask' }, ring))).toEqual([false, false]);
    expect(commands).toContainEqual(expect.objectContaining({ verb: 'retry', node: 'a', attempt: 2, run_id: id }));
    expect(commands).toContainEqual(expect.objectContaining({ verb: 'skip', node: 'm', reason: 'not wanted' }));
    const audit = await t.store.gics.read<JsonObject>(AUDIT_STREAM, { tailFirst: true, limit: 2 });
    expect(audit.map(({ data }) => [data['action'], data['object']])).toEqual([
      ['runs_skip', `${id}/m`],
      ['runs_retry', `${id}/a`],
    ]);
  });

  it('refuses with a code what cannot be done to a node as it is, and stores nothing', async () => {
    const id = await runWith({ a: 'done', ask: 'waiting', m: 'running' });
    expect(await retry(id, 'a')).toMatchObject({ status: 409, body: { code: 'NODE_STATE', hint: expect.stringContaining('fork') } });
    expect(await skip(id, 'a')).toMatchObject({ status: 409, body: { code: 'NODE_STATE' } });
    expect(await retry(id, 'm')).toMatchObject({ status: 409, body: { code: 'NODE_STATE' } });
    expect(await skip(id, 'm')).toMatchObject({ status: 409, body: { code: 'NODE_STATE' } });
    expect(await skip(id, 'ask')).toMatchObject({ status: 409, body: { code: 'NODE_STATE', hint: expect.stringContaining('gate') } });
    expect(await retry(id, 'ghost')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await skip(id, 'm[0].x')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await skip(id, 'a', ' ')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(await messages(id)).toEqual([]);
  });

  it('says of a timer that runs what can be done with it', async () => {
    const id = await runWith({ nap: 'running' });
    expect(await retry(id, 'nap')).toMatchObject({
      status: 409,
      body: { code: 'NODE_STATE', hint: expect.stringContaining('leave it out') },
    });
  });

  it('refuses it in a run that has ended, and points to a fork', async () => {
    const id = await runWith({ a: 'error' });
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id, set: { status: 'error' } }]);
    expect(await retry(id, 'a')).toMatchObject({ status: 409, body: { code: 'RUN_NOT_ACTIVE', hint: expect.stringMatching(/^Fork/) } });
    expect(await skip(id, 'm')).toMatchObject({ status: 409, body: { code: 'RUN_NOT_ACTIVE' } });
    expect(await retry('r_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'a')).toMatchObject({ status: 404 });
    expect(await messages(id)).toEqual([]);
  });

  it('needs an operator', async () => {
    const id = await runWith({ a: 'error' });
    const ask = (path: string, body?: object): Promise<Answer<unknown>> =>
      t.ask('POST', `/ops/runs/${id}/nodes/a/${path}`, { token: TOKENS.actions, ...(body && { body }) });
    expect((await ask('retry')).status).toBe(403);
    expect((await ask('skip', { reason: 'x' })).status).toBe(403);
  });

  it('does a repeat with the same key once', async () => {
    const id = await runWith({ a: 'error' });
    const key = { 'idempotency-key': 'again-1' };
    for (let times = 0; times < 2; times++) expect((await t.post(`/ops/runs/${id}/nodes/a/retry`, undefined, key)).status).toBe(200);
    expect(await messages(id)).toHaveLength(1);
  });
});

describe('a pause', () => {
  it('carries what it does to running nodes', async () => {
    const id = await runWith({ m: 'running' });
    expect((await t.post(`/ops/runs/${id}/pause`, { running: 'stop' })).status).toBe(200);
    expect(await messages(id)).toMatchObject([{ kind: 'pause', command: { running: 'stop' } }]);
    expect((await t.post(`/ops/runs/${id}/pause`, { running: 'now' })).status).toBe(400);
  });
});
