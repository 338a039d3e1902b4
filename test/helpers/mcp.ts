/** Real clients of the Model Context Protocol: both eras, two generations of the SDK, both transports. */
import path from 'node:path';
import { Client, StreamableHTTPClientTransport, type ClientCapabilities } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { choosePort } from '#supervisor/ports.ts';
import { startApp, type TestApp, type TestAppOptions } from './app.ts';

const GIMO = path.resolve(import.meta.dirname, '../../cli/main.ts');

/** `modern`: 2026-07-28. `legacy`: the same SDK with the handshake of 2025. `v1`: the SDK of that time. */
export const ERAS = ['modern', 'legacy', 'v1'] as const;
export type Era = (typeof ERAS)[number];
export type Way = 'http' | 'stdio';

export type ToolResult = {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content: { type: string; text?: string; uri?: string }[];
};
export type ToolInfo = { name: string; annotations?: Record<string, unknown>; inputSchema: object; outputSchema?: object };
type Elicitation = { message: string; mode?: string; url?: string };
export type Elicited = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, string> };
export type Elicit = (params: Elicitation) => Elicited | Promise<Elicited>;

export type McpClient = {
  tools: () => Promise<ToolInfo[]>;
  /** `onProgress` asks for progress. */
  call: (
    name: string,
    args?: Record<string, unknown>,
    onProgress?: (progress: { progress: number; total?: number }) => void,
  ) => Promise<ToolResult>;
  resources: () => Promise<string[]>;
  /** The parsed text of the resource. */
  read: (uri: string) => Promise<unknown>;
  prompts: () => Promise<string[]>;
  prompt: (name: string, args: Record<string, string>) => Promise<string>;
  close: () => Promise<void>;
};

export type ConnectOptions = {
  url: string;
  era: Era;
  way?: Way;
  token?: string;
  headers?: Record<string, string>;
  args?: string[];
  /** With it the client says that it can ask a person. */
  elicit?: Elicit;
  modes?: ('form' | 'url')[];
  name?: string;
};

function capabilitiesOf({ elicit, modes = ['form', 'url'] }: ConnectOptions): ClientCapabilities {
  return elicit === undefined ? {} : { elicitation: Object.fromEntries(modes.map((mode) => [mode, {}])) };
}

function httpOptions({ token, headers }: ConnectOptions): { requestInit: RequestInit } {
  return { requestInit: { headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers } } };
}

function stdioOptions({ url, token, args = [] }: ConnectOptions): { command: string; args: string[]; stderr: 'pipe' } {
  const credentials = token === undefined ? [] : ['--token', token];
  return { command: process.execPath, args: [GIMO, 'mcp', '--url', url, ...credentials, ...args], stderr: 'pipe' };
}

async function connectV2(options: ConnectOptions): Promise<Client> {
  const mode = options.era === 'modern' ? ({ pin: '2026-07-28' } as const) : 'legacy';
  const client = new Client(
    { name: options.name ?? 'tests', version: '1.0.0' },
    { capabilities: capabilitiesOf(options), versionNegotiation: { mode } },
  );
  const { elicit } = options;
  if (elicit !== undefined) client.setRequestHandler('elicitation/create', ({ params }) => elicit(params));
  const transport =
    options.way === 'stdio'
      ? new StdioClientTransport(stdioOptions(options))
      : new StreamableHTTPClientTransport(new URL(`${options.url}/mcp`), httpOptions(options));
  await client.connect(transport);
  return client;
}

async function connectV1(options: ConnectOptions): Promise<ClientV1> {
  const client = new ClientV1({ name: options.name ?? 'tests', version: '1.0.0' }, { capabilities: capabilitiesOf(options) });
  const { elicit } = options;
  if (elicit !== undefined) client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params));
  const transport =
    options.way === 'stdio' ? new StdioV1(stdioOptions(options)) : new HttpV1(new URL(`${options.url}/mcp`), httpOptions(options));
  await client.connect(transport);
  return client;
}

export async function connectMcp(options: ConnectOptions): Promise<McpClient> {
  const client = options.era === 'v1' ? await connectV1(options) : await connectV2(options);
  return {
    tools: async () => (await client.listTools()).tools,
    call: async (name, args = {}, onProgress) => {
      const params = { name, arguments: args };
      const more = onProgress === undefined ? {} : { onprogress: onProgress };
      const result =
        client instanceof ClientV1 ? await client.callTool(params, CallToolResultSchema, more) : await client.callTool(params, more);
      return result as ToolResult;
    },
    resources: async () => {
      const [{ resources }, { resourceTemplates }] = await Promise.all([client.listResources(), client.listResourceTemplates()]);
      return [...resources.map(({ uri }) => uri), ...resourceTemplates.map(({ uriTemplate }) => uriTemplate)];
    },
    read: async (uri) => {
      const [content] = (await client.readResource({ uri })).contents;
      return JSON.parse(content !== undefined && 'text' in content ? content.text : '');
    },
    prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    prompt: async (name, args) => {
      const [message] = (await client.getPrompt({ name, arguments: args })).messages;
      return message?.content.type === 'text' ? message.content.text : '';
    },
    close: () => client.close(),
  };
}

export type ListeningApp = TestApp & { url: string };

/** The API of test/helpers/app.ts on a port of its own. */
export async function startListeningApp(options: TestAppOptions = {}): Promise<ListeningApp> {
  const port = await choosePort(null);
  const t = await startApp({ ...options, env: { ...options.env, GIMO_PORT: String(port) } });
  await t.app.listen({ host: '127.0.0.1', port });
  return { ...t, url: `http://127.0.0.1:${port}` };
}

export type WireAnswer = { result: Record<string, unknown>; error?: { code: number; message: string } };
export type WireRequest = { url: string; token: string; method: string; params: Record<string, unknown>; capabilities?: object };

/** A request of 2026-07-28 as it is on the wire. */
export function wireMessage({ method, params, capabilities = {} }: Omit<WireRequest, 'url' | 'token'>, id: string | number = 1): object {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta } };
}

export function wireHeaders(token: string, method: string, name = ''): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    'mcp-name': name,
  };
}

/** One request as it is on the wire: for what no client would send, and for what none can read yet. */
export async function postMcp({ url, token, ...request }: WireRequest): Promise<WireAnswer> {
  const { method, params } = request;
  const name = [params['name'], params['taskId']].find((value) => typeof value === 'string');
  const headers = wireHeaders(token, method, name);
  const response = await fetch(`${url}/mcp`, { method: 'POST', headers, body: JSON.stringify(wireMessage(request)) });
  return (await response.json()) as WireAnswer;
}
