import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approved, Draft, Packet } from '#contract/objects.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { connectMcp, ERAS, startListeningApp, type Era, type ListeningApp, type McpClient, type Way } from '#test/helpers/mcp.ts';

const TASK_LEVEL =
  'gimo_run_task create_draft get_draft list_approved list_gates prepare_decision create_run get_run_status get_run_log cancel_run pause_run resume_run list_providers get_cost';
const WHOLE_API = ['gimo_search_operations', 'gimo_describe_operation', 'gimo_read_operation', 'gimo_write_operation'];
const WAYS: Way[] = ['http', 'stdio'];
const COMBINATIONS = ERAS.flatMap((era) => WAYS.map((way) => ({ era, way })));
const PLAN = { version: 1, title: 'Over MCP', nodes: [{ id: 'a', kind: 'value', with: { value: 1 } }] };

let t: ListeningApp;
beforeAll(async () => void (t = await startListeningApp()));
afterAll(() => t.close());

const connect = (era: Era, way: Way): Promise<McpClient> => connectMcp({ url: t.url, era, way, token: TOKENS.admin });

async function approve(id: string): Promise<Approved> {
  const { body: packet } = await t.get<Packet>(`/ops/drafts/${id}/packet`);
  const { body } = await t.post<{ approved: Approved }>(`/ops/drafts/${id}/approve`, { hash: packet.hash });
  return body.approved;
}

// verifies: CARD-7, ARC-1b, PRIN-1, MCP-3, MCP-4
describe.each(COMBINATIONS)('a client of the era $era over $way', ({ era, way }) => {
  let client: McpClient;
  beforeAll(async () => void (client = await connect(era, way)));
  afterAll(() => client.close());

  it('sees the same tools in the same order', async () => {
    expect((await client.tools()).map(({ name }) => name)).toEqual([...TASK_LEVEL.split(' '), ...WHOLE_API]);
  });

  it('makes a draft, cannot approve it, and sees at once that a person did', async () => {
    const made = await client.call('create_draft', { plan: PLAN });
    expect(made.structuredContent).toMatchObject({ status: 'draft', title: 'Over MCP' });
    const id = String(made.structuredContent?.['draft_id']);
    const refused = await client.call('gimo_write_operation', { operation: 'drafts_approve', params: { id }, body: { approved: true } });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('left to a person') }] });
    expect((await t.get<Draft>(`/ops/drafts/${id}`)).body.status).toBe('draft');
    const approved = await approve(id);
    const seen = await client.call('get_draft', { draft_id: id });
    expect(seen.structuredContent).toMatchObject({ status: 'approved', approved_id: approved.id, plan: { title: 'Over MCP' } });
    const pending = (await client.read('ops://approved')) as Approved[];
    expect(pending.map((item) => item.id)).toContain(approved.id);
    const run = await client.call('create_run', { approved_id: approved.id });
    expect(run.structuredContent).toMatchObject({ approved_id: approved.id, status: 'pending' });
    const after = (await client.read('ops://approved')) as Approved[];
    expect(after.map((item) => item.id)).not.toContain(approved.id);
    const status = await client.read(`ops://runs/${String(run.structuredContent?.['run_id'])}`);
    expect(status).toMatchObject({ approved_id: approved.id });
  });
});
