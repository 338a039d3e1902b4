/** Who `gimo mcp` is: an agent of its own, not the person whose machine it runs on. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Draft, Packet } from '#contract/objects.ts';
import type { Token } from '#contract/tokens.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { connectMcp, startListeningApp, type ListeningApp } from '#test/helpers/mcp.ts';

let t: ListeningApp;
beforeAll(async () => {
  t = await startListeningApp();
  mkdirSync(t.store.paths.keys, { recursive: true });
  writeFileSync(t.store.paths.tokens, JSON.stringify(TOKENS));
});
afterAll(() => t.close());

async function draftOverStdio(): Promise<Draft> {
  const client = await connectMcp({ url: t.url, era: 'modern', way: 'stdio', args: ['--data', t.store.paths.data] });
  try {
    const plan = { version: 1, title: 'By a model', nodes: [{ id: 'a', kind: 'noop' }] };
    const made = await client.call('create_draft', { plan });
    const { body } = await t.get<Draft>(`/ops/drafts/${String(made.structuredContent?.['draft_id'])}`);
    return body;
  } finally {
    await client.close();
  }
}

it('a draft over stdio is written by an agent with a token of its own, which is made once and kept for the owner only', async () => {
  const drafts = [await draftOverStdio(), await draftOverStdio()];
  const { body: tokens } = await t.get<Token[]>('/auth/tokens');
  expect(tokens).toMatchObject([{ label: 'gimo mcp', class: 'agent', role: 'admin' }]);
  const packets = await Promise.all(drafts.map(({ id }) => t.get<Packet>(`/ops/drafts/${id}/packet`)));
  expect(packets.map(({ body }) => body.approvers.authors)).toEqual(
    drafts.map(() => [expect.objectContaining({ by: tokens[0]?.actor, class: 'agent' })]),
  );
  const file = path.join(t.store.paths.keys, 'mcp-token.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { token: string };
  expect(
    (await t.ask('POST', `/ops/drafts/${drafts[0]?.id}/approve`, { token: kept.token, body: { hash: packets[0]?.body.hash } })).status,
  ).toBe(403);
});

it('a token that was revoked is named with its file, and its server goes on once a person has deleted that', async () => {
  const client = await connectMcp({ url: t.url, era: 'modern', way: 'stdio', args: ['--data', t.store.paths.data] });
  expect((await client.call('list_gates')).isError).toBeFalsy();
  const [token] = (await t.get<Token[]>('/auth/tokens')).body;
  expect((await t.ask('DELETE', `/auth/tokens/${token?.id}`)).status).toBe(200);
  const file = path.join(t.store.paths.keys, 'mcp-token.json');
  const refused = await client.call('list_gates');
  expect(refused).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^UNAUTHENTICATED: .*\nThe token of `gimo mcp` was revoked/) }],
  });
  expect(refused.content[0]?.text).toContain(`deletes ${file}`);
  expect((await client.call('list_gates')).isError).toBe(true);
  rmSync(file);
  expect((await client.call('list_gates')).isError).toBeFalsy();
  await client.close();
});

it('a token that was given and is refused is named as the one that was given', async () => {
  const client = await connectMcp({ url: t.url, era: 'modern', way: 'stdio', token: 'a-token-of-nobody' });
  expect((await client.call('list_gates')).content[0]?.text).toContain('The token of GIMO_TOKEN or --token is none of the instance at');
  await client.close();
});
