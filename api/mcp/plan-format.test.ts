import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS } from '#test/helpers/app.ts';
import { connectMcp, startListeningApp, type ListeningApp, type McpClient } from '#test/helpers/mcp.ts';

let t: ListeningApp;
let client: McpClient;
beforeAll(async () => {
  t = await startListeningApp();
  client = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.admin });
});
afterAll(async () => {
  await client.close();
  await t.close();
});

// verifies: MCP-1, MCP-3
describe('an agent that knows nothing of plans', () => {
  it('learns over MCP alone how one is written, and its first draft is taken', async () => {
    const tool = (await client.tools()).find(({ name }) => name === 'create_draft') as { description?: string } | undefined;
    const [uri = ''] = /ops:\/\/[a-z-]+/.exec(tool?.description ?? '') ?? [];
    const format = (await client.read(uri)) as { kinds: { process: { with: object; example: object } }; example: object };
    expect(format.kinds.process).toMatchObject({ with: { argv: 'string[]' }, example: { argv: expect.any(Array) } });
    const made = await client.call('create_draft', { plan: format.example });
    expect(made.structuredContent).toMatchObject({ status: 'draft' });
  });

  it('is told where that is when its plan is refused, and by the description of the operation', async () => {
    const refused = await client.call('create_draft', { plan: { version: 1, title: 'T', steps: [] } });
    expect(refused.content[0]?.text).toMatch(/^PLAN_INVALID: [\s\S]*ops:\/\/plan-format/);
    const described = await client.call('gimo_describe_operation', { operation: 'drafts_create' });
    expect(JSON.stringify(described.structuredContent)).toContain('plan_format');
  });

  it('reads one kind alone, also with a client that has no resources', async () => {
    const read = await client.call('gimo_read_operation', { operation: 'plan_format', part: '/kinds/http' });
    expect(read.structuredContent).toMatchObject({ status: 200, body: { with: { url: 'string' }, example: { url: expect.any(String) } } });
  });

  it('reads no pattern of a date in the description of an operation', async () => {
    const text = JSON.stringify((await client.call('gimo_describe_operation', { operation: 'drafts_create' })).structuredContent);
    expect(text).toContain('date-time');
    expect(text).not.toContain('\\\\d{2}');
  });
});
