import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#contract/json.ts';
import type { Approved, Draft } from '#contract/objects.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { connectMcp, startListeningApp, type ListeningApp, type McpClient } from '#test/helpers/mcp.ts';

const PROMPT = 'Count the files of the repository';
const PLAN = {
  version: 1,
  title: 'Counting',
  nodes: [{ id: 'write', kind: 'patch', with: { files: [{ path: 'docs/count.md', content: 'x' }] } }],
};

let t: ListeningApp;
let client: McpClient;
let draft: Draft;
let approved: Approved;
beforeAll(async () => {
  t = await startListeningApp();
  client = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.operator });
  draft = (await t.post<Draft>('/ops/drafts', { prompt: 'The secret of a draft' })).body;
  const made = (await t.post<Draft>('/ops/drafts', { prompt: PROMPT, plan: PLAN })).body;
  approved = (await t.post<{ approved: Approved }>(`/ops/drafts/${made.id}/approve`, { hash: made.hash })).body.approved;
});
afterAll(async () => {
  await client.close();
  await t.close();
});

// verifies: MCP-1, MCP-4, MCP-5
describe('the resources', () => {
  it('are the five of the contract', async () => {
    expect(await client.resources()).toEqual([
      'ops://plan',
      'ops://approved',
      'ops://plan-format',
      'ops://context',
      'ops://approved/{id}',
      'ops://runs/{id}',
    ]);
  });

  it('are what the API answers at that moment', async () => {
    const { body: before } = await t.get('/ops/plan');
    expect(await client.read('ops://plan')).toEqual(before);
    await t.put('/ops/plan', { title: 'Another plan', tasks: [{ id: 'a', title: 'Do it' }] });
    expect(await client.read('ops://plan')).toMatchObject({ title: 'Another plan' });
    const { body: status } = await t.get<{ repo: object; allowlist: string[] }>('/ui/status');
    expect(await client.read('ops://context')).toMatchObject({ repo: status.repo, allowlist: status.allowlist });
    expect(await client.read(`ops://approved/${approved.id}`)).toMatchObject({ id: approved.id, prompt: PROMPT });
    expect(await client.read('ops://approved')).toMatchObject([{ id: approved.id }]);
  });

  it.each(['ops://approved/', 'ops://runs/'])('show no draft below %s', async (base) => {
    await expect(client.read(`${base}${draft.id}`)).rejects.toThrow('is a draft');
    await expect(client.read(`${base}..%2Fdrafts%2F${draft.id}`)).rejects.toThrow('is not the id of');
  });

  it('show no text of a draft anywhere', async () => {
    const texts = await Promise.all(['ops://plan', 'ops://approved', 'ops://context'].map((uri) => client.read(uri)));
    expect(JSON.stringify(texts)).not.toContain('The secret of a draft');
  });

  it('answer an id that names nothing with the sentence of the API', async () => {
    await expect(client.read(`ops://runs/r_${'0'.repeat(26)}`)).rejects.toThrow('There is no run');
  });
});

// verifies: MCP-2
describe('the prompts', () => {
  it('are the three of the contract', async () => {
    expect(await client.prompts()).toEqual(['orch_dispatch', 'sub_dispatch', 'editp_dispatch']);
  });

  it('hold the approved content and say how it is started', async () => {
    const id = approved.id;
    for (const text of [
      await client.prompt('orch_dispatch', { approved_id: id }),
      await client.prompt('sub_dispatch', { approved_id: id, agent: 'reviewer' }),
      await client.prompt('editp_dispatch', { approved_id: id, file: 'docs/count.md' }),
    ]) {
      expect(text).toContain(`<approved>\n${PROMPT}\n</approved>`);
      expect(text).toContain(approved.hash);
      expect(text).toContain(id);
    }
    expect(await client.prompt('sub_dispatch', { approved_id: id, agent: 'reviewer' })).toContain('sub-agent reviewer');
  });

  it('say whether the approval covers the file', async () => {
    const about = (file: string): Promise<string> => client.prompt('editp_dispatch', { approved_id: approved.id, file });
    expect(await about('docs/count.md')).toContain('The approval covers writing docs/count.md');
    expect(await about('src/main.ts')).toContain('does not cover writing src/main.ts');
  });

  it('refuse a draft, and everything else that is not approved', async () => {
    for (const [name, more] of [
      ['orch_dispatch', {}],
      ['sub_dispatch', { agent: 'x' }],
      ['editp_dispatch', { file: 'a' }],
    ] as const) {
      await expect(client.prompt(name, { approved_id: draft.id, ...more })).rejects.toThrow('is a draft');
      await expect(client.prompt(name, { approved_id: `a_${'0'.repeat(26)}`, ...more })).rejects.toThrow('There is no approved artifact');
    }
  });

  it('refuse an approval that was revoked or has expired', async () => {
    const record = await t.store.gics.get<Approved>('approved', approved.id);
    if (record === null) throw new Error('the approval is gone');
    const set = async (change: JsonObject): Promise<void> => {
      await t.store.gics.txn([{ op: 'patch', collection: 'approved', id: approved.id, set: change }]);
    };
    await set({ revoked_at: '2026-01-01T00:00:00.000Z' });
    await expect(client.prompt('orch_dispatch', { approved_id: approved.id })).rejects.toThrow('was revoked');
    expect(await client.read('ops://approved')).toEqual([]);
    await set({ revoked_at: null, expires_at: '2026-01-01T00:00:00.000Z' });
    await expect(client.prompt('orch_dispatch', { approved_id: approved.id })).rejects.toThrow('expired');
    await set({ expires_at: record.value.expires_at });
  });
});
