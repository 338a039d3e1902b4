/** The chat over the API: what it answers, what it drafts, what it keeps, and what it never does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatReply, ChatSession } from '#contract/chat.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Draft, Packet } from '#contract/objects.ts';
import { startApp, TOKENS, type Answer, type TestApp } from '#test/helpers/app.ts';
import { makeToken } from '#test/helpers/credentials.ts';

let t: TestApp;
beforeAll(async () => void (t = await startApp()));
afterAll(() => t.close());

type Say = { act?: boolean; session?: string; token?: string; headers?: Record<string, string> };

const send = (text: string, { act = false, session, token, headers }: Say = {}): Promise<Answer<ChatReply>> =>
  t.ask<ChatReply>('POST', '/mcp/chat', {
    ...(token === undefined ? {} : { token }),
    ...(headers === undefined ? {} : { headers }),
    body: { user_message: text, require_action: act, ...(session === undefined ? {} : { session_id: session }) },
  });
const history = (id: string, token = TOKENS.admin): Promise<Answer<ChatSession>> =>
  t.ask<ChatSession>('GET', `/mcp/session/${id}`, { token });
const draftIn = async ({ body }: Answer<ChatReply>): Promise<Draft> => {
  const id = body.actions_taken[0]?.draft_id ?? '';
  return (await t.get<Draft>(`/ops/drafts/${id}`)).body;
};
const counts = async (): Promise<{ runs: number; approved: number }> => {
  const { gics } = t.deps;
  return { runs: await gics.count('runs'), approved: await gics.count('approved') };
};

// verifies: VX-MCP-1
describe('a message that asks for an action', () => {
  it('to run a command drafts a process, word by word and without a shell', async () => {
    const answer = await send('run `npm test -- --grep "a b; rm"`', { act: true });
    expect(answer.body).toMatchObject({ intent: 'spawn', actions_taken: [{ action: 'draft_created', kind: 'process' }] });
    const draft = await draftIn(answer);
    expect(draft).toMatchObject({ status: 'draft', context: { source: 'chat' } });
    expect(draft.plan?.nodes[0]).toMatchObject({ kind: 'process', with: { argv: ['npm', 'test', '--', '--grep', 'a b; rm'] } });
    expect(answer.body.response).toContain(draft.id);
  });

  it('to scan drafts a look at the repository that writes nothing', async () => {
    const draft = await draftIn(await send('Run diagnostics', { act: true }));
    expect(draft.plan?.nodes.map(({ kind }) => kind)).toEqual(['process', 'process', 'process']);
    const { body: packet } = await t.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    expect(packet.envelope.paths.write).toEqual([]);
    expect(packet.envelope.hosts).toEqual([]);
  });

  it('to repair drafts a patch of the file that was named, or of the diff that was given', async () => {
    const named = await draftIn(await send('arregla el bug en src/app.ts', { act: true }));
    expect(named.plan?.nodes.at(-1)).toMatchObject({ kind: 'patch', with: { files: [{ path: 'src/app.ts' }] } });
    const { body: packet } = await t.get<Packet>(`/ops/drafts/${named.id}/packet`);
    expect(packet.envelope.paths.write).toEqual(['src/app.ts']);
    const diff = '--- a/x.txt\n+++ b/x.txt\n@@ -1 +1 @@\n-a\n+b\n';
    const given = await draftIn(await send(`apply this patch\n\`\`\`diff\n${diff}\`\`\``, { act: true }));
    expect(given.plan?.nodes[0]).toMatchObject({ kind: 'patch', with: { diff } });
  });

  it('to route answers with the provider and the reasons for and against each', async () => {
    await t.put('/ops/provider', {
      active: 'local',
      providers: {
        local: { type: 'ollama_local', model: 'small' },
        other: { type: 'gemini', model: 'large', api_key: '${GEMINI_API_KEY}' },
      },
    });
    const { body } = await send('which provider would you choose?', { act: true });
    expect(body).toMatchObject({ intent: 'route', actions_taken: [] });
    expect(body.response).toContain('A call with auto goes to local, model small.');
    expect(body.response).toContain('other (gemini, large): not the active provider; its protocol is not part of this build');
  });

  it('asks back where a command or a file is missing', async () => {
    const which = await send('run the script', { act: true });
    expect(which.body).toMatchObject({ intent: 'spawn', actions_taken: [], response: expect.stringContaining('Which command?') });
    expect((await send('arregla el test', { act: true })).body.response).toContain('¿Qué archivo?');
  });

  it('is asked again without require_action: it says what it would draft', async () => {
    const { body } = await send('escanea el repositorio');
    expect(body).toMatchObject({ intent: 'scan', actions_taken: [] });
    expect(body.response).toContain('require_action');
  });

  it('keeps text that looks like a reference as text', async () => {
    const draft = await draftIn(await send('run `echo ${{ inputs.secret }}`', { act: true }));
    expect(JSON.stringify(draft.plan?.nodes[0])).toContain("${{ '${{' }}");
  });
});

describe('no message', () => {
  it.each(['approve it', 'apruébalo', 'approve d_01J8ZC5V3N9Q2T4W6Y8B0D2F4H', '/approve', 'cancel the run', 'cancela todo', '/cancel'])(
    'decides or stops anything: %s',
    async (text) => {
      const before = await counts();
      const { body } = await send(text, { act: true });
      expect(body.actions_taken).toEqual([]);
      expect(await counts()).toEqual(before);
    },
  );

  it.each(['do not run `npm test`', 'no ejecutes `npm test`', 'write a poem about cats'])(
    'makes a draft of what is not wanted: %s',
    async (text) => {
      expect((await send(text, { act: true })).body.actions_taken).toEqual([]);
    },
  );

  it('gives an operator drafts that only admins make, unless an admin allows it', async () => {
    const refused = await t.ask('POST', '/mcp/chat', {
      token: TOKENS.operator,
      body: { user_message: 'scan the repository', require_action: true },
    });
    expect(refused).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', hint: expect.stringContaining('operator_can_generate') } });
    await t.put('/ops/config', { operator_can_generate: true });
    expect((await send('scan the repository', { act: true, token: TOKENS.operator })).body.actions_taken).toHaveLength(1);
    await t.put('/ops/config', { operator_can_generate: false });
    expect((await send('status', { token: TOKENS.actions })).status).toBe(403);
  });
});

// verifies: VX-MCP-2
describe('a session', () => {
  it('holds the whole history, in order, and secrets in it are masked', async () => {
    const { body: first } = await send('help');
    const id = first.session_id;
    await send('my key is sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEF', { session: id });
    await send('¿cuál es el estado?', { session: id });
    const { body } = await history(id);
    expect(body).toMatchObject({ session_id: id, created_by: expect.stringMatching(/^admin:/) });
    expect(body.turns.map(({ intent }) => intent)).toEqual(['help', 'out_of_scope', 'status']);
    expect(JSON.stringify(body)).not.toContain('abcdefghijklmnopqrstuvwxyz0123456789');
    expect(body.turns[2]?.response).toMatch(/\d+ en marcha/);
  });

  it('outlives the API: another one goes on with it', async () => {
    const { body: first } = await send('help');
    const other = await startApp({ store: t.store, repo: t.repo });
    const body = { user_message: 'status', session_id: first.session_id };
    expect((await other.ask<ChatReply>('POST', '/mcp/chat', { body })).body.session_id).toBe(first.session_id);
    const { body: kept } = await other.ask<ChatSession>('GET', `/mcp/session/${first.session_id}`, {});
    expect(kept.turns.map(({ user_message: text }) => text)).toEqual(['help', 'status']);
    await other.close();
  });

  it('is nobody else’s, and one that never was is unknown', async () => {
    const { body } = await send('help');
    expect((await history(body.session_id, TOKENS.operator)).status).toBe(404);
    expect((await send('help', { session: body.session_id, token: TOKENS.operator })).status).toBe(404);
    expect((await history('c_01J8ZC5V3N9Q2T4W6Y8B0D2F4H')).status).toBe(404);
    expect((await history('c_../..')).status).toBe(400);
  });

  it('takes of messages at the same time one, and loses no turn', async () => {
    const { body } = await send('help');
    const answers = await Promise.all(Array.from({ length: 5 }, () => send('scan the repo', { session: body.session_id, act: true })));
    const taken = answers.filter(({ status }) => status === 200);
    expect(answers.filter(({ status }) => status !== 200).every(({ status }) => status === 409)).toBe(true);
    expect((await history(body.session_id)).body.turns).toHaveLength(1 + taken.length);
  });

  it('draft, turn and audit entry are written together, and a repeat does nothing twice', async () => {
    const headers = { 'idempotency-key': 'chat-once' };
    const first = await send('scan the repo', { act: true, headers });
    const again = await send('scan the repo', { act: true, headers });
    expect(again.body).toEqual(first.body);
    const draftId = first.body.actions_taken[0]?.draft_id ?? '';
    const entries = await t.deps.gics.read<{ action: string; object: string }>(AUDIT_STREAM, { limit: 1000 });
    expect(entries.filter(({ data }) => data.object === draftId).map(({ data }) => data.action)).toEqual(['chat_send']);
    expect((await history(first.body.session_id)).body.turns).toHaveLength(1);
  });

  it('of an agent drafts as the agent may', async () => {
    const { token } = await makeToken(t, 'admin', 'agent');
    expect((await send('scan the repo', { act: true, token })).body.actions_taken).toHaveLength(1);
  });
});

describe('what is asked is answered', () => {
  const said = async (text: string): Promise<string> => (await send(text)).body.response;

  it('with how a draft or run that is named stands, and where it is', async () => {
    const { body: draft } = await t.post<Draft>('/ops/drafts', {
      plan: { version: 1, title: 'Count', nodes: [{ id: 'a', kind: 'noop' }] },
    });
    expect(await said(`what is the status of ${draft.id}?`)).toContain(`${draft.id}, “Count”, waits for a decision.`);
    expect(await said(`approve ${draft.id}`)).toMatch(new RegExp(`decides it at http\\S+/plans/${draft.id}`));
    expect((await t.post(`/ops/drafts/${draft.id}/reject`, { comment: 'no' })).status).toBe(200);
    expect(await said(`approve ${draft.id}`)).toContain('was rejected');
    expect(await said('what is the status of r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H?')).toContain('There is no r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H here.');
  });

  it('with the counts, what models cost, and the pages', async () => {
    const text = await said('how much did it cost?');
    expect(text).toMatch(/^\d+ running, \d+ pending, .* No model was called in the last 24 hours\. More at http/);
  });

  it.each([
    ['how do I approve a draft?', 'gimo drafts approve ID'],
    ['¿cómo pauso una ejecución?', 'gimo runs pause ID'],
    ['help', 'I can draft a process'],
    ['thanks!', 'You are welcome.'],
    ['muchas gracias', 'De nada.'],
  ])('with what helps: %s', async (text, answer) => expect(await said(text)).toContain(answer));
});
