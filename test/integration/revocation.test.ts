/** What a run may still do after its approval, its grant or a tool of its plan is not what it was. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Approved, Draft, Gate, Receipt, Run } from '#contract/objects.ts';
import type { Grant } from '#contract/standing-grant.ts';
import type { StopAsked } from '#contract/security.ts';
import type { Webhook } from '#contract/webhooks.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

type Revoked = { approved: Approved; runs: StopAsked[] };

let stack: Stack;
let host = '';
const received: string[] = [];
const server = http.createServer((request, response) => {
  received.push(request.url ?? '');
  response.end('ok');
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stack = await startStack({ env: { HOOK_SECRET: 'a-secret-that-signs-0123456789' } });
  await stack.admin.put('/ops/config', { local_hosts: [host] });
}, 400_000);
afterAll(async () => {
  await stack.close();
  server.closeAllConnections();
  server.close();
});

const ask = { id: 'ask', kind: 'gate', with: { title: 'Go on?' } };
const act = { id: 'act', kind: 'noop', needs: ['ask'], with: { value: 1 } };
const plan = (nodes: object[]): object => ({ version: 1, title: 'Taken back', nodes });
const yes = async (gate: Gate): Promise<Gate> => stack.operator.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
const refusals = async (): Promise<unknown[]> => {
  const entries = await stack.gics.read<{ action: string; detail: { code: string } }>(AUDIT_STREAM, { tailFirst: true, limit: 100 });
  return entries.filter(({ data }) => data.action === 'effect.refused').map(({ data }) => data.detail.code);
};

// verifies: SEC-7, ARC-9
describe('an approval that is taken back', () => {
  it('lets a run that is under way begin no further effect, and says so in the audit log', async () => {
    const run = await stack.admin.startPlan(plan([ask, act]));
    const gate = await stack.operator.openGate(run.id);
    const { approved, runs } = await stack.operator.post<Revoked>(`/ops/approved/${run.approved_id}/revoke`, { reason: 'a mistake' });
    expect([approved.revoke_reason, runs]).toEqual(['a mistake', [{ run_id: run.id, result: 'blocked' }]]);
    await yes(gate);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'APPROVAL_REVOKED' } });
    expect(await stack.gics.count('ledger', { run_id: run.id })).toBe(0);
    expect(await refusals()).toContain('APPROVAL_REVOKED');
    const again = await stack.operator.post<Revoked>(`/ops/approved/${run.approved_id}/revoke`);
    expect([again.approved.revoked_at, again.runs]).toEqual([approved.revoked_at, []]);
  });

  it('stops its runs when asked to, each with its receipt', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'long', kind: 'process', with: { argv: ['sleep', '1000'] } }]));
    await until(async () => expect(await stack.gics.count('processes')).toBe(1), { timeout: 30_000 });
    const { runs } = await stack.operator.post<Revoked>(`/ops/approved/${run.approved_id}/revoke`, { stop_runs: true });
    expect(runs).toEqual([{ run_id: run.id, result: 'asked' }]);
    expect((await stack.operator.ended(run.id)).status).toBe('cancelled');
    expect((await stack.operator.get<Receipt>(`/ops/runs/${run.id}/receipt`)).confirmed_at).not.toBeNull();
  });
});

describe('an approval of one run', () => {
  const again = async ({ approved_id }: Run): Promise<number> =>
    (await stack.operator.ask('POST', '/ops/runs', { body: { approved_id } })).status;

  it('is used up by a no, or a stop, before the first effect: nobody asks again until somebody says yes', async () => {
    const refused = await stack.admin.startPlan(plan([ask, act]));
    const gate = await stack.operator.openGate(refused.id);
    await stack.operator.post(`/ops/gates/${gate.id}/reject`, { hash: gate.hash });
    expect((await stack.operator.ended(refused.id)).status).toBe('error');
    const stopped = await stack.admin.startPlan(plan([ask, act]));
    await stack.operator.openGate(stopped.id);
    await stack.operator.post(`/ops/runs/${stopped.id}/cancel`);
    expect((await stack.operator.ended(stopped.id)).status).toBe('cancelled');
    expect([await again(refused), await again(stopped)]).toEqual([409, 409]);
  });

  it('is not used up by a run that failed before its first effect', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'ask', kind: 'value', with: { value: '${{ 1 / 0 }}' } }, act]));
    expect((await stack.operator.ended(run.id)).status).toBe('error');
    expect(await again(run)).toBe(201);
  });
});

describe('a standing grant', () => {
  it('that is ended takes back what it approved, also in a run that is under way', async () => {
    const envelope = { kinds: ['gate', 'noop'], budget: { usd: 1, tokens: 200_000, wall_ms: 3_600_000 } };
    const grant = await stack.admin.post<Grant>('/ops/grants', { title: 'No-ops', envelope }, 201);
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan: plan([ask, act]) }, 201);
    const { run } = await stack.operator.post<{ run: Run }>(`/ops/drafts/${draft.id}/grant?auto_run=true`, { hash: draft.hash });
    const gate = await stack.operator.openGate(run.id);
    await stack.operator.ask('DELETE', `/ops/grants/${grant.id}`);
    await yes(gate);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'APPROVAL_REVOKED' } });
    expect(await stack.gics.count('ledger', { run_id: run.id })).toBe(0);
  });
});

describe('a tool', () => {
  it('that was led elsewhere after the approval is not used', async () => {
    const register = (path: string): Promise<Webhook> =>
      stack.admin.post<Webhook>('/ops/webhooks', { name: 'chat', url: `http://${host}/${path}`, secret_ref: '${HOOK_SECRET}' }, 201);
    const { id } = await register('first');
    const run = await stack.admin.startPlan(
      plan([ask, { id: 'tell', kind: 'notify', needs: ['ask'], with: { webhook: 'chat', text: 'x' } }]),
    );
    const gate = await stack.operator.openGate(run.id);
    await stack.admin.ask('DELETE', `/ops/webhooks/${id}`);
    await register('second');
    await yes(gate);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'TOOL_CHANGED' } });
    expect(received).toEqual([]);
  });
});
