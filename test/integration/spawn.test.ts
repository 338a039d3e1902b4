/** Single programs through the real gate, worker and fence; and the network that a process node was granted. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FencePart } from '#contract/fence-parts.ts';
import { AUDIT_STREAM, runStreams } from '#contract/gics.ts';
import type { WorkerPresence } from '#contract/messages.ts';
import type { NodeDetail, Receipt, Run } from '#contract/objects.ts';
import type { Spawn } from '#contract/spawn.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

let stack: Stack;
let host = '';
const server = http.createServer((_request, response) => response.end('the answer'));
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stack = await startStack();
  await stack.admin.put('/ops/config', { local_hosts: [host] });
  await stack.admin.post(
    '/ops/grants',
    {
      title: 'Small programs',
      max_risk: 'medium',
      max_uses: 100,
      envelope: {
        kinds: ['process'],
        commands: [
          ['sleep', '*'],
          ['git', 'log', '**'],
        ],
        paths: { read: ['**'], write: [] },
        budget: { usd: 1, tokens: 200_000, wall_ms: 3_600_000 },
        max_parallel: 100,
      },
    },
    201,
  );
}, 400_000);
afterAll(async () => {
  await stack.close();
  server.close();
});

const spawn = (command: string, args: string[], more: object = {}): Promise<Spawn> =>
  stack.operator.post<Spawn>('/spawn', { name: command, command, args, ...more }, 202);
const statusOf = ({ spawn_id: id }: Spawn): Promise<Spawn> => stack.actions.get<Spawn>(`/spawn/${id}/status`);
const missing = async (): Promise<FencePart[]> => {
  const worker = await stack.gics.get<WorkerPresence>('settings', 'worker');
  return (worker?.value.fence.missing ?? []).map(({ part }) => part);
};

// verifies: VX-SP-1
describe('a spawn under a standing grant', () => {
  it('runs in a fence, and its status tells how it ended', async () => {
    const made = await spawn('git', ['log', '-1']);
    expect(made.run_id).not.toBeNull();
    await stack.operator.ended(made.run_id ?? '');
    expect(await statusOf(made)).toMatchObject({ status: 'done', exit_code: 0, error: null });
  });

  it('is ended at its time, and its status says why', async () => {
    const made = await spawn('sleep', ['1000'], { timeout_seconds: 1 });
    await stack.operator.ended(made.run_id ?? '');
    expect(await statusOf(made)).toMatchObject({ status: 'error', error: { code: 'TIMEOUT' } });
  });

  it('is killed with a receipt that accounts for its processes', async () => {
    const made = await spawn('sleep', ['1000']);
    await expect.poll(() => stack.gics.count('processes')).toBeGreaterThan(0);
    const receipt = await stack.operator.post<Receipt>(`/spawn/${made.spawn_id}/kill`);
    expect(receipt).toMatchObject({ run_id: made.run_id, nodes: [{ id: 'spawn', processes_left: 0 }] });
    expect((await statusOf(made)).status).toBe('cancelled');
  });
});

const asking = `fetch(process.argv[1]).then(async (answer) => console.log(await answer.text()), () => console.log('no way'))`;
/** The Node of these tests knows a proxy by its variables; it is only shown where there is a way out. */
const asks = (url: string, hosts: string[], program = process.execPath): object => ({
  version: 1,
  title: 'Ask a host',
  nodes: [{ id: 'ask', kind: 'process', with: { argv: [program, '-e', asking, url], hosts } }],
});

describe('the network of a process', () => {
  const outputOf = async (plan: object): Promise<{ run: Run; stdout: unknown }> => {
    const run = await stack.operator.ended((await stack.admin.startPlan(plan)).id);
    const { output } = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/ask`);
    return { run, stdout: (output as { stdout?: unknown } | null)?.stdout };
  };

  it('is what its plan names, each connection in its output and in the audit log', async (context) => {
    if ((await missing()).includes('egress')) context.skip('no way out can be made here');
    const { run, stdout } = await outputOf(asks(`http://${host}/`, [host]));
    expect([run.status, stdout]).toEqual(['done', 'the answer\n']);
    const written = await stack.gics.read<{ stream: string; text: string }>(runStreams.output(run.id, 'ask'));
    expect(written.some(({ data }) => data.stream === 'network' && data.text.includes(`allowed ${host}`))).toBe(true);
    const entries = await stack.gics.read<{ action: string; object: string; detail: object }>(AUDIT_STREAM, { tailFirst: true, limit: 50 });
    expect(entries.find(({ data }) => data.action === 'process.network')?.data).toMatchObject({
      object: `${run.id}/ask`,
      detail: { hosts: [host], count: 1, connections: [{ outcome: 'allowed' }] },
    });
  });

  it('is none where its plan names none, and no other than it names', async () => {
    expect((await outputOf(asks(`http://${host}/`, [], 'node'))).stdout).toBe('no way\n');
    expect((await outputOf(asks(`http://${host}/`, ['other.test']))).stdout).toBe('no way\n');
  });
});
