/** A label stays with whatever is made of a value: errors and numbers meet the real worker, a real server and a person. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendJson, startTestServer, type TestServer } from '#activities/providers/test-server.ts';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Gate, NodeDetail, Run } from '#contract/objects.ts';
import { makeRepo } from '../helpers/repo.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-labels-last-'));
const WAIT = { timeout: 60_000 };
let sink: TestServer;
let stack: Stack;

beforeAll(async () => {
  sink = await startTestServer((response) => sendJson(response, 200, {}));
  // Every few events another workflow goes on, so that labels have to be carried there too.
  const repo = makeRepo(path.join(dir, 'repo'), { 'code.txt': 'x; touch out/owned' });
  stack = await startStack({ repo, env: { GIMO_SEGMENT_EVENTS: '40' } });
  await stack.admin.put('/ops/config', { local_hosts: [new URL(sink.url).host] });
}, 400_000);
afterAll(async () => {
  await stack?.close();
  await sink[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const shell = (text: string, need: string): object => ({
  id: 'x',
  kind: 'process',
  needs: [need],
  with: { argv: ['sh', '-c', text], write: ['out'] },
});
const post = (body: string): object => ({
  id: 'post',
  kind: 'http',
  needs: ['read'],
  with: { method: 'POST', url: `${sink.url}/in`, body },
});
const start = (nodes: object[]): Promise<Run> => stack.admin.startPlan({ version: 1, title: 'labels', nodes });
const reject = (gate: Gate): Promise<unknown> => stack.operator.ask('POST', `/ops/gates/${gate.id}/reject`, { body: { hash: gate.hash } });
const entry = async (run: Run, node: string): Promise<LedgerEntry | undefined> =>
  (await stack.gics.get<LedgerEntry>('ledger', `${run.id}/${node}/1/0`))?.value;

// verifies: PRIN-3
describe('a label lasts', () => {
  it('through the error of an item: what a process complained of runs nothing and goes nowhere unasked', async () => {
    const fails = { id: 'c', kind: 'process', with: { argv: ['sh', '-c', 'cat code.txt >&2; exit 3'] } };
    const list = { id: 'read', kind: 'map', with: { over: [1], on_item_error: 'collect', nodes: [fails] } };
    const said = '${{ nodes.read.output[0].error.message }}';
    const run = await start([list, shell(`: ${said}`, 'read'), post(said)]);
    const gates = await until(async () => {
      const open = await stack.operator.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`);
      expect(open).toHaveLength(2);
      return open;
    }, WAIT);
    expect(JSON.stringify(gates.map(({ evidence }) => evidence))).toContain('touch out/owned');
    expect(gates.map(({ title }) => title.replace(/,.*/, '')).toSorted()).toEqual([
      'May post send private data',
      'May untrusted text choose what x runs?',
    ]);
    for (const gate of gates) await reject(gate);
    await stack.operator.ended(run.id);
    expect([await entry(run, 'x'), await entry(run, 'post'), sink.bodies]).toEqual([undefined, undefined, []]);
  });

  it('through numbers: a text that a loop looks up letter by letter is no more trusted than they are', async () => {
    const letters = { id: 'al', kind: 'value', with: { value: ['t', 'o', 'u', 'c', 'h'] } };
    const numbers = { id: 'read', kind: 'process', with: { argv: ['echo', '[0,1,2,3,4]'], parse: 'json', idempotent: true } };
    const body = [
      { id: 'k', kind: 'transform', with: { expr: 'int(nodes.read.output.json[int(index)])' } },
      {
        id: 'c',
        kind: 'transform',
        needs: ['k'],
        with: { expr: '(last == null ? "" : string(last)) + nodes.al.output[int(nodes.k.output)]' },
      },
    ];
    const spell = { id: 'l', kind: 'loop', needs: ['read', 'al'], with: { max: 5, nodes: body } };
    const run = await start([numbers, letters, spell, shell('${{ nodes.l.output }} out/owned', 'l')]);
    const gate = await stack.operator.openGate(run.id);
    expect(gate).toMatchObject({ node: 'x', evidence: { value: { argv: ['sh', '-c', 'touch out/owned'] } } });
    expect(await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/l`)).toMatchObject({
      label: { integrity: 'untrusted', untrusted_from: 'read' },
    });
    await reject(gate);
    await stack.operator.ended(run.id);
    expect(await entry(run, 'x')).toBeUndefined();
  });
});
