/** A node that calls a tool, and the workflow that asks a server for its tools. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createToolServer } from '../fixtures/mcp-tools.ts';
import type { Act } from './scene.ts';

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

const tools: Act = async (t) => {
  const handler = createMcpHandler(() => createToolServer());
  const server = http.createServer((request, response) => {
    void (async () => {
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
      const method = request.method ?? 'GET';
      const body = await bodyOf(request);
      const given = await handler.fetch(new Request(`http://${t.host}/mcp`, { method, headers, ...(method === 'POST' ? { body } : {}) }));
      response.writeHead(given.status, Object.fromEntries(given.headers)).end(await given.text());
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await t.stack.admin.put('/ops/config', { local_hosts: [t.host, host] });
    await t.stack.admin.put('/ops/mcp/servers', { servers: { sums: { type: 'http', url: `http://${host}/mcp` } } });
    await t.stack.operator.post('/ops/mcp/servers/sums/refresh', {});
    const run = await t.start([{ id: 'add', kind: 'mcp_tool', with: { server: 'sums', tool: 'add', arguments: { a: 2, b: 40 } } }]);
    const listed: string[] = [];
    for await (const { workflowId } of t.access.client.workflow.list({ query: "WorkflowType = 'listTools'" })) listed.push(workflowId);
    return [...listed, ...(await t.end(run))];
  } finally {
    server.closeAllConnections();
    server.close();
    await handler.close();
  }
};

export const TOOL_SCENES: Record<string, Act> = { tools };
