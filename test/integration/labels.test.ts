/** Where values come from decides what they may do: text that anybody may have written meets the real worker, a real server and a person. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Label } from '#contract/labels.ts';
import type { Draft, Gate, NodeDetail, Packet, Run } from '#contract/objects.ts';
import { gimo } from '../../cli/test-api.ts';
import { makeRepo } from '../helpers/repo.ts';
import { expectWholeLog } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';

const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-labels-'));
const WAIT = { timeout: 60_000 };
const bodies: string[] = [];
const server = http.createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => (body += text));
  request.on('end', () => {
    if (request.method === 'POST') bodies.push(body);
    response.end(request.url === '/i.sh' ? 'touch out/owned' : '{"ok":true}');
  });
});
let host = '';
let stack: Stack;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const files = { 'mail.txt': 'all of it', 'program.txt': 'touch', 'code.txt': 'x; touch out/owned', 'option.txt': '--version' };
  // Every few events another workflow goes on, so that labels have to be carried there too.
  stack = await startStack({ repo: makeRepo(path.join(dir, 'repo'), files), env: { GIMO_SEGMENT_EVENTS: '40' } });
  await stack.admin.put('/ops/config', { local_hosts: [host] });
}, 400_000);
afterAll(async () => {
  await stack?.close();
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const read = (file: string): object => ({ id: 'read', kind: 'process', with: { argv: ['cat', file], idempotent: true } });
const post = (body: string, more: object = {}): object => ({
  id: 'post',
  kind: 'http',
  needs: ['read'],
  with: { method: 'POST', url: `http://${host}/in`, body },
  ...more,
});
const TEXT = '${{ nodes.read.output.stdout }}';
const process = (argv: string[], write: string[] = []): object => ({ id: 'x', kind: 'process', needs: ['read'], with: { argv, write } });
const chain = Array.from({ length: 15 }, (_none, at) => ({
  id: `c${at}`,
  kind: 'noop',
  needs: [at === 0 ? 'read' : `c${at - 1}`],
  with: { value: TEXT },
}));
const start = (nodes: object[], more: object = {}): Promise<Run> => stack.admin.startPlan({ version: 1, title: 'labels', nodes, ...more });
const answer = (gate: Gate, verdict: 'approve' | 'reject'): Promise<unknown> =>
  stack.operator.ask('POST', `/ops/gates/${gate.id}/${verdict}`, { body: { hash: gate.hash } });
const asked = async (run: Run): Promise<Gate[]> =>
  (await stack.gics.list<Gate>('gates', { where: { run_id: run.id }, limit: 100 })).records.map(({ value }) => value);
const entry = async (run: Run, node: string): Promise<LedgerEntry | undefined> =>
  (await stack.gics.get<LedgerEntry>('ledger', `${run.id}/${node}/1/0`))?.value;

// verifies: PRIN-3
describe('private data with untrusted text', () => {
  it('leaves only when a person has seen the value, where it came from and why, and said yes', async () => {
    const run = await start([read('mail.txt'), post(`Look: ${TEXT}`)]);
    const gate = await stack.operator.openGate(run.id);
    expect(gate).toMatchObject({
      node: 'post',
      kind: 'envelope',
      risk: 'high',
      title: `May post send private data, with text that is not trusted, to ${host}?`,
      message: expect.stringContaining('Private data from `read` and text from `read`'),
      evidence: { value: { body: 'Look: all of it' }, findings: [{ rule: 'PRIVATE_DATA_LEAVES' }] },
    });
    expect(bodies).toEqual([]);
    await answer(gate, 'approve');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(bodies.splice(0)).toEqual(['Look: all of it']);
    await expectWholeLog(stack.gics, run.id);
  });

  it('stays here when the answer is no', async () => {
    const run = await start([read('mail.txt'), post(TEXT)]);
    await answer(await stack.operator.openGate(run.id), 'reject');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
    expect(bodies).toEqual([]);
  });

  it('is asked about item by item in a list', async () => {
    const each = {
      id: 'm',
      kind: 'map',
      needs: ['read'],
      with: { over: ['1', '2'], nodes: [{ ...post(`\${{ item }} ${TEXT}`), needs: [] }] },
    };
    const run = await start([read('mail.txt'), each]);
    const gates = await until(async () => {
      const open = await stack.operator.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`);
      expect(open).toHaveLength(2);
      return open;
    }, WAIT);
    await answer(gates.find(({ node }) => node === 'm[1].post') as Gate, 'approve');
    await until(async () => expect(bodies).toEqual(['2 all of it']), WAIT);
    await answer(gates.find(({ node }) => node === 'm[0].post') as Gate, 'reject');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error' });
    expect(bodies.splice(0)).toEqual(['2 all of it']);
  });

  it('is not asked about where it is how a process ended, nor where the plan said so and the packet showed it', async () => {
    const number = await start([read('mail.txt'), post('It ended with ${{ nodes.read.output.exit_code }}')]);
    expect(await stack.operator.ended(number.id)).toMatchObject({ status: 'done' });
    const plan = { version: 1, title: 'stated', envelope: { flows: ['post'] }, nodes: [read('mail.txt'), post(TEXT)] };
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan }, 201);
    const packet = await stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    expect(packet.findings).toContainEqual(
      expect.objectContaining({ rule: 'PRIVATE_DATA_LEAVES', severity: 'high', evidence: 'read → post' }),
    );
    const stated = await stack.admin.startPlan(plan);
    expect(await stack.operator.ended(stated.id)).toMatchObject({ status: 'done' });
    expect(bodies.splice(0)).toEqual(['It ended with 0', 'all of it']);
    expect([...(await asked(number)), ...(await asked(stated))]).toEqual([]);
  });
});

describe('untrusted text chooses nothing that is run', () => {
  const expectNone = async (run: Run): Promise<void> => {
    const gate = await stack.operator.openGate(run.id);
    expect(gate.title).toBe('May untrusted text choose what x runs?');
    expect(gate.message).toContain('What is run comes from `read`, which nobody has approved.');
    await answer(gate, 'reject');
    await stack.operator.ended(run.id);
    expect(await entry(run, 'x')).toBeUndefined();
  };

  it('no program, although the envelope leaves it open', async () => {
    const envelope = { commands: [['cat', '*'], ['*', '**']] }; // prettier-ignore
    await expectNone(await start([read('program.txt'), process([TEXT, 'owned'])], { envelope }));
  });

  it('no text of a shell', async () => {
    await expectNone(await start([read('code.txt'), process(['sh', '-c', `echo ${TEXT}`], ['out'])]));
  });

  it.each([
    ['by the input of a shell', { argv: ['sh'], stdin: '${{ nodes.read.output.body }}', write: ['out'] }],
    ['behind a program that starts it', { argv: ['timeout', '5', 'sh', '-c', TEXT] }],
    ['of another interpreter', { argv: ['awk', TEXT] }],
    ['through a variable', { argv: ['git', 'diff', 'HEAD'], env: { GIT_EXTERNAL_DIFF: TEXT } }],
    ['through the folder of a script', { argv: ['sh', 'build.sh'], cwd: TEXT }],
  ])('no program text %s', async (_what, value) => {
    const fetched = { id: 'read', kind: 'http', with: { url: `http://${host}/i.sh` } };
    await expectNone(await start(['stdin' in value ? fetched : read('code.txt'), { ...process([]), with: value }]));
  });

  it('and is a parameter of one without a question', async () => {
    const value = { argv: ['sh', '-c', 'printf %s "$TITLE$1"; cat', 'sh', TEXT], env: { TITLE: TEXT }, stdin: TEXT };
    const run = await start([read('code.txt'), { ...process([]), with: value }]);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect((await nodeOf(run, 'x')).output).toMatchObject({ stdout: 'x; touch out/owned'.repeat(3) });
    expect(await asked(run)).toEqual([]);
  });

  it('no program through nodes that it writes, beyond those that the envelope names', async () => {
    const writes = {
      id: 'read',
      kind: 'process',
      with: {
        argv: ['echo', JSON.stringify([process(['touch', 'owned'])].map((node) => ({ ...node, needs: [] })))],
        parse: 'json',
        idempotent: true,
      },
    };
    const grow = { id: 's', kind: 'subplan', needs: ['read'], with: { from: 'nodes.read.output.json' } };
    const run = await start([writes, grow], { envelope: { kinds: ['process', 'subplan'], commands: [['*', '**']], max_nodes: 9 } });
    const gate = await stack.operator.openGate(run.id);
    expect(gate).toMatchObject({ node: 's', risk: 'high', message: expect.stringContaining('command: touch owned') });
    expect(JSON.stringify(gate.evidence)).toContain('What these nodes run was chosen by text from `read`');
    await answer(gate, 'reject');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
  });

  it.each([
    ['', {}, 'beyond the envelope: command: cat --version'],
    [', also where any option is granted', { envelope: { commands: [['cat', '**']] } }, 'A yes allows this one effect'],
  ])('and an argument that becomes an option is asked about with what lies beyond%s', async (_what, more, message) => {
    const run = await start([read('option.txt'), process(['cat', TEXT])], more);
    const gate = await stack.operator.openGate(run.id);
    expect(gate).toMatchObject({ node: 'x', message: expect.stringContaining(message) });
    await answer(gate, 'approve');
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(await entry(run, 'x')).toMatchObject({ state: 'done' });
  });
});

const nodeOf = (run: Run, node: string): Promise<NodeDetail> => stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/${node}`);

describe('labels', () => {
  const dirty: Label = { integrity: 'untrusted', confidentiality: 'internal', untrusted_from: 'read', private_from: 'read' };

  it('stand beside outputs in the store, are shown, and go through a change of workflows and into a fork', async () => {
    const own = { id: 'own', kind: 'value', needs: ['c14'], with: { value: '${{ nodes.c14.output }}' } };
    const last = post('${{ nodes.own.output }}', { needs: ['own'] });
    const run = await start([read('mail.txt'), ...chain, own, last], { policy: { max_runs: 2 } });
    const question = await stack.operator.openGate(run.id);
    expect(await nodeOf(run, 'c14')).toMatchObject({ label: dirty, label_text: expect.stringContaining('Not trusted: text from `read`') });
    expect(await nodeOf(run, 'own')).toMatchObject({ label: dirty, label_text: expect.stringContaining('Private: data from `read`') });
    await answer(question, 'reject');
    await stack.operator.ended(run.id);
    expect(await entry(run, 'c14')).toMatchObject({ label: dirty, output: 'all of it' });
    for (const id of ['c14', 'own']) expect(await nodeOf(run, id)).toMatchObject({ output: 'all of it', label: dirty });
    const node = ['runs', 'node', run.id, 'own', '--data', stack.paths.data];
    expect(JSON.parse((await gimo([...node, '--json'])).stdout)).toMatchObject({ label: dirty });
    expect((await gimo(node)).stdout.replaceAll(/\s+/g, ' ')).toContain('Private: data from `read` may be in it.');
    const fork = await stack.operator.post<Run>(`/ops/runs/${run.id}/fork`, { from_node: 'post' }, 201);
    const gate = await stack.operator.openGate(fork.id);
    expect(gate).toMatchObject({ node: 'post', message: expect.stringContaining('text from `read`') });
    await answer(gate, 'reject');
    await stack.operator.ended(fork.id);
    expect(bodies).toEqual([]);
  });

  it('are no cleaner in a fork of a run that was ended at Temporal', async () => {
    const run = await start([read('mail.txt'), post(TEXT)], { policy: { max_runs: 2 } });
    await stack.operator.openGate(run.id);
    const { client, connection } = await connectTo(stack);
    await client.workflow.getHandle(run.id).terminate('an attack');
    await connection.close();
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'cancelled' });
    expect(await nodeOf(run, 'read')).toMatchObject({ label: dirty });
    const fork = await stack.operator.post<Run>(`/ops/runs/${run.id}/fork`, { from_node: 'post' }, 201);
    const gate = await stack.operator.openGate(fork.id);
    expect(gate).toMatchObject({ node: 'post', evidence: { findings: [{ rule: 'PRIVATE_DATA_LEAVES' }] } });
    expect(await nodeOf(fork, 'read')).toMatchObject({ reason: expect.stringContaining('reused'), label: dirty });
    await answer(gate, 'reject');
    await stack.operator.ended(fork.id);
    expect(bodies).toEqual([]);
  });
});
