/** What an operator does for the safety of a running instance, on the real stack. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gate, Run } from '#contract/objects.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const asking = { version: 1, title: 'Asks once', nodes: [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }] };
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 400_000);
afterAll(() => stack?.close());

const pidOf = (part: string): number | null => stack.instance().parts[part]?.pid ?? null;

describe('the signing key', () => {
  it('is rotated while runs wait for answers: they take them, and new approvals run', async () => {
    const run = await stack.admin.startPlan(asking);
    const gate = await stack.operator.openGate(run.id);
    execFileSync(process.execPath, [path.join(ROOT, 'cli/main.ts'), 'key', 'rotate', '--data', stack.paths.data]);
    await stack.operator.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect((await stack.operator.ended(run.id)).status).toBe('done');
    const later = await stack.admin.startPlan({ version: 1, title: 'Later', nodes: [{ id: 'only', kind: 'noop' }] });
    expect((await stack.operator.ended(later.id)).status).toBe('done');
  });
});

// verifies: API-10b
describe('a part', () => {
  it.each(['worker', 'api'] as const)('is started again when an admin says so: %s', async (part) => {
    const before = pidOf(part);
    expect(await stack.admin.post('/ui/service/restart', { part }, 202)).toEqual({ part, pid: before });
    await stack.back(part, before);
    const { parts } = await stack.operator.get<{ parts: { name: string; state: string }[] }>('/ui/service/status');
    expect(parts.find(({ name }) => name === part)).toMatchObject({ state: 'ready', restarts: 1 });
  });
});

// verifies: SEC-3
describe('a lockdown that stops runs', () => {
  it('stops what is under way, keeps new runs out, and lets them in again when it is over', async () => {
    const run = await stack.admin.startPlan(asking);
    await stack.operator.openGate(run.id);
    const { runs } = await stack.admin.post<{ runs: { run_id: string }[] }>('/ui/security/panic', { reason: 'drill', stop_runs: true });
    expect(runs.map(({ run_id }) => run_id)).toContain(run.id);
    expect((await stack.operator.ended(run.id)).status).toBe('cancelled');
    expect((await stack.operator.ask('POST', '/ops/runs', { body: { approved_id: run.approved_id } })).status).toBe(423);
    await stack.admin.post('/ui/security/resolve', {});
    const next: Run = await stack.admin.startPlan({ version: 1, title: 'After it', nodes: [{ id: 'only', kind: 'noop' }] });
    expect((await stack.operator.ended(next.id)).status).toBe('done');
  });
});
