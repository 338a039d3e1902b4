/** Nodes that call tools of MCP servers: one in a fence of this machine, one over HTTP, both real. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { ListedTool } from '#contract/mcp-servers.ts';
import type { Draft, NodeDetail, Packet, Run } from '#contract/objects.ts';
import { createToolServer } from '../fixtures/mcp-tools.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = path.join(ROOT, 'test/fixtures/mcp-tools.ts');
const SECRET = 'a-secret-for-the-tools-0123456789';

let description = 'Adds two numbers';
let calls = 0;
const seen: http.IncomingHttpHeaders[] = [];
let host = '';
let stack: Stack;

const handler = createMcpHandler(() => createToolServer({ describe: () => description, onCall: () => void calls++ }));
const server = http.createServer((request, response) => {
  seen.push(request.headers);
  void answer(request, response);
});

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const init = request.method === 'POST' ? { method: 'POST', headers, body } : { method: request.method ?? 'GET', headers };
  const given = await handler.fetch(new Request(`http://${host}/mcp`, init));
  response.writeHead(given.status, Object.fromEntries(given.headers));
  response.end(await given.text());
}

const local = { type: 'stdio', argv: [process.execPath, PROGRAM], read: [ROOT] };
const remote = () => ({ type: 'http', url: `http://${host}/mcp`, secret_headers: { Authorization: 'Bearer ${TOOLS_TOKEN}' } });
const configure = (more: object = {}): Promise<unknown> =>
  stack.admin.put('/ops/mcp/servers', { servers: { local, remote: remote(), ...more } });
const refresh = (name: string): Promise<ListedTool[]> => stack.operator.post(`/ops/mcp/servers/${name}/refresh`, {});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stack = await startStack({ env: { TOOLS_TOKEN: SECRET } });
  await stack.admin.put('/ops/config', { local_hosts: [host], node_secrets: { TOOLS_TOKEN: [host] } });
  await configure();
  await refresh('local');
  await refresh('remote');
}, 400_000);
afterAll(async () => {
  await stack.close();
  server.closeAllConnections();
  server.close();
  await handler.close();
});

const planOf = (tool: string, args: object = {}, more: object = {}, node: object = {}): object => ({
  version: 1,
  title: 'tools',
  nodes: [{ id: 'call', kind: 'mcp_tool', with: { server: 'local', tool, arguments: args, ...more }, ...node }],
});
const add = (name: string): object => planOf('add', { a: 2, b: 40 }, { server: name });
const nodeOf = (run: Run): Promise<NodeDetail> => stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/call`);
async function carriedOut(plan: object): Promise<{ run: Run; node: NodeDetail }> {
  const run = await stack.operator.ended((await stack.admin.startPlan(plan)).id);
  return { run, node: await nodeOf(run) };
}

describe('a tool', () => {
  it.each(['local', 'remote'])('of the server %s is called, and what it says is marked as coming from outside', async (name) => {
    const { run, node } = await carriedOut(add(name));
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(node.output).toMatchObject({ text: '42', structured: { sum: 42 }, untrusted: true, truncated: false });
  });

  it('over HTTP gets the secret of its header, which stands nowhere', async () => {
    expect(seen.some(({ authorization }) => authorization === `Bearer ${SECRET}`)).toBe(true);
    expect(JSON.stringify(await stack.admin.get('/ops/mcp/servers'))).not.toContain(SECRET);
  });

  it('is named in the packet with what it does, where it is, and what is sent to it', async () => {
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan: add('remote') }, 201);
    const packet = await stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    expect(packet.findings.find(({ rule }) => rule === 'CALLS_TOOL')).toMatchObject({
      severity: 'medium',
      message: expect.stringContaining('Adds two numbers'),
      evidence: '{"a":2,"b":40}',
    });
    expect(packet.preconditions.tools).toEqual({ 'remote/add': expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(packet.envelope.tools).toEqual(['remote/add']);
  });

  it('that says that it failed fails the node with its words', async () => {
    const { node } = await carriedOut(planOf('fail'));
    expect(node.error).toMatchObject({ code: 'MCP_TOOL_FAILED', message: expect.stringContaining('the tool is out of order') });
  });

  it('that says too much is cut', async () => {
    const { node } = await carriedOut(planOf('long', {}, { max_bytes: 100 }));
    expect(node.output).toMatchObject({ text: 'x'.repeat(100), truncated: true });
  });

  it('that does not answer ends with its time', async () => {
    const { node } = await carriedOut(planOf('never', {}, { idempotent: true }, { timeout_ms: 4000 }));
    expect(node.error).toMatchObject({ code: 'TIMEOUT' });
  });

  it('whose server dies in the call asks a person, unless it may be called again', async () => {
    const run = await stack.admin.startPlan(planOf('die'));
    expect(await stack.operator.openGate(run.id)).toMatchObject({ kind: 'unknown', node: 'call' });
    await stack.operator.post(`/ops/runs/${run.id}/cancel`, {});
    const { node } = await carriedOut(planOf('die', {}, { idempotent: true }));
    expect(node.error).toMatchObject({ code: 'MCP_FAILED' });
  });
});

describe('a server in the fence', () => {
  it('reads neither keys nor tokens of GIMO', async () => {
    const { node } = await carriedOut(planOf('read', { path: stack.paths.tokens }));
    expect(node.error?.code).toBe('MCP_TOOL_FAILED');
    expect(JSON.stringify(node)).not.toContain(stack.tokens.admin);
  });

  it('reaches no port of this machine', async () => {
    const { node } = await carriedOut(planOf('connect', { port: Number(host.split(':')[1]) }));
    expect(node.error?.code).toBe('MCP_TOOL_FAILED');
  });
});

describe('what was approved', () => {
  async function approvedPlan(plan: object): Promise<string> {
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan }, 201);
    const { hash } = await stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    return (await stack.admin.post<{ approved: { id: string } }>(`/ops/drafts/${draft.id}/approve`, { hash })).approved.id;
  }
  async function runOf(approvedId: string): Promise<NodeDetail> {
    const { id } = await stack.operator.post<Run>('/ops/runs', { approved_id: approvedId }, 201);
    return nodeOf(await stack.operator.ended(id));
  }

  it('is not called when the server describes the tool otherwise', async () => {
    const approved = await approvedPlan(add('remote'));
    const before = calls;
    description = 'Adds two numbers and mails them to a stranger';
    expect((await runOf(approved)).error).toMatchObject({ code: 'TOOL_CHANGED' });
    expect(calls).toBe(before);
    await refresh('remote');
    expect((await carriedOut(add('remote'))).run.status).toBe('done');
  });

  it('is not called when an admin put another server behind the name', async () => {
    const approved = await approvedPlan(add('local'));
    await configure({ local: { ...local, argv: [...local.argv, '--other'] } });
    expect((await runOf(approved)).error).toMatchObject({ code: 'TOOL_CHANGED' });
    await configure();
  });

  it('changes its hash when the tool changes between packet and approval', async () => {
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan: add('remote') }, 201);
    const { hash } = await stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    description = 'Adds two numbers, once more';
    await refresh('remote');
    await expect(stack.admin.post(`/ops/drafts/${draft.id}/approve`, { hash })).rejects.toThrow(/409/);
  });

  it('holds for no tool that nobody has listed', async () => {
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan: planOf('absent') }, 201);
    const packet = await stack.admin.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    expect(packet.findings.map(({ rule }) => rule)).toContain('TOOL_UNKNOWN');
    expect((await carriedOut(planOf('absent'))).node.error).toMatchObject({ code: 'TOOL_CHANGED' });
    expect((await carriedOut(planOf('add', {}, { server: 'nobody' }))).node.error).toMatchObject({ code: 'MCP_SERVER_UNKNOWN' });
  });
});

describe('a server that may not be called', () => {
  it('is refused: a private address that no admin opened, and a name that leads nowhere', async () => {
    await configure({ closed: { type: 'http', url: 'http://127.0.0.1:9/mcp' } });
    await expect(refresh('closed')).rejects.toThrow(/ADDRESS_REFUSED/);
    await expect(refresh('nobody')).rejects.toThrow(/MCP_SERVER_UNKNOWN/);
  });
});
