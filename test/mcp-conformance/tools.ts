/** The fixed tools that the conformance suite of the protocol asks for: contents, failures, progress, log lines, schemas and headers. */
import { fromJsonSchema, inputRequired, type CallToolResult, type McpServer } from '@modelcontextprotocol/server';
import type { JsonObject } from '#contract/json.ts';
import { PIXEL, SILENCE } from './content.ts';

const says = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });
const image = { type: 'image', data: PIXEL, mimeType: 'image/png' } as const;

export function addTools(server: McpServer): void {
  addContents(server);
  addChannels(server);
  addSchemas(server);
}

function addContents(server: McpServer): void {
  const give = (name: string, content: CallToolResult['content']): void =>
    void server.registerTool(name, { description: `Gives what ${name} stands for` }, () => ({ content }));
  const data = { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: JSON.stringify({ test: 'data', value: 123 }) };
  const embedded = { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' };
  give('test_simple_text', [{ type: 'text', text: 'This is a simple text response for testing.' }]);
  give('test_image_content', [image]);
  give('test_audio_content', [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }]);
  give('test_embedded_resource', [{ type: 'resource', resource: embedded }]);
  give('test_multiple_content_types', [
    { type: 'text', text: 'Multiple content types test:' },
    image,
    { type: 'resource', resource: data },
  ]);
  give('test_streaming_elicitation', [{ type: 'text', text: 'Nothing was asked.' }]);
  server.registerTool('test_error_handling', { description: 'Always fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
}

/** What goes beside the answer, and what the client must have said that it can do. */
function addChannels(server: McpServer): void {
  server.registerTool('test_tool_with_progress', { description: 'Tells how far it is' }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    if (progressToken !== undefined)
      for (const progress of [0, 50, 100])
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
    return says('Done.');
  });
  server.registerTool('test_logging_tool', { description: 'Writes a log line' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'A line for those who asked for lines');
    return says('Done.');
  });
  server.registerTool('test_missing_capability', { description: 'Needs a client with a model' }, ({ mcpReq }) => {
    if (mcpReq.inputResponses?.['word'] !== undefined) return says('The model answered.');
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Say one word.' } }];
    return inputRequired({ inputRequests: { word: inputRequired.createMessage({ messages, maxTokens: 16 }) } });
  });
}

function addSchemas(server: McpServer): void {
  const region = { type: 'string', description: 'Also sent as a header', 'x-mcp-header': 'Region' };
  const inHeader = fromJsonSchema<{ region?: string }>({ type: 'object', properties: { region, level: { type: 'integer' } } });
  server.registerTool('test_x_mcp_header', { description: 'Takes a value from a header', inputSchema: inHeader }, (args) =>
    says(`region=${args.region ?? ''}`),
  );
  server.registerTool('json_schema_2020_12_tool', { description: 'Has a schema with every keyword', inputSchema: everyKeyword() }, () =>
    says('The schema fits.'),
  );
}

/** As text, since an object literal with `then` is taken for a promise. */
const CONDITION: JsonObject = JSON.parse(`{
  "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
  "then": { "required": ["phone"] },
  "else": { "required": ["email"] }
}`);

function everyKeyword(): ReturnType<typeof fromJsonSchema<Record<string, unknown>>> {
  const text = { type: 'string' };
  return fromJsonSchema<Record<string, unknown>>({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: text, city: text } } },
    properties: {
      name: text,
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: text,
      email: text,
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    ...CONDITION,
    additionalProperties: false,
  });
}
