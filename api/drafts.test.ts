import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Fault } from '#contract/errors.ts';
import type { Draft, Finding, Packet } from '#contract/objects.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';

const noop = (id: string, needs: string[] = []): object => ({ id, kind: 'noop', needs });
const plan = (nodes: object[], more: object = {}): object => ({ version: 1, title: 'A plan', nodes, ...more });
const MIB = 1024 * 1024;

// verifies: API-2, OBJ-1
describe('drafts', () => {
  let t: TestApp;
  const count = (): Promise<number> => t.store.gics.count('drafts');
  const create = async (body: object): Promise<Draft> => {
    const answer = await t.post<Draft>('/ops/drafts', body);
    expect(answer.status).toBe(201);
    return answer.body;
  };
  beforeAll(async () => {
    t = await startApp();
  });
  afterAll(() => t.close());

  it('makes of a prompt alone a plan of one call of a model', async () => {
    const draft = await create({ prompt: '\n  Refactor X \nin detail' });
    expect(draft).toMatchObject({
      id: expect.stringMatching(/^d_[0-9A-Z]{26}$/),
      status: 'draft',
      provider: 'auto',
      revision: 1,
      plan: {
        title: 'Refactor X',
        nodes: [{ id: 'answer', kind: 'llm', with: { provider: 'auto', prompt: '\n  Refactor X \nin detail' } }],
      },
    });
    expect(draft.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps text in a prompt that looks like a reference', async () => {
    const draft = await create({ prompt: 'say ${{ nodes.x.output }}' });
    const [node] = draft.plan?.nodes ?? [];
    expect(node?.kind === 'llm' ? node.with.prompt : null).toBe("say ${{ '${{' }} nodes.x.output }}");
  });

  // verifies: API-11
  it('reads the body of curl -d, of no content type, and YAML of a plan', async () => {
    const types = [undefined, 'application/x-www-form-urlencoded', 'application/json; charset=utf-8'];
    for (const type of types) {
      expect((await t.ask('POST', '/ops/drafts', { body: '{"prompt":"x"}', type })).status).toBe(201);
    }
    const yaml = 'version: 1\ntitle: From a file\nnodes:\n  - id: a\n    kind: noop\n';
    const answer = await t.ask<Draft>('POST', '/ops/drafts', { body: yaml, type: 'application/yaml' });
    expect(answer).toMatchObject({ status: 201, body: { plan: { title: 'From a file' } } });
    expect(await t.ask('POST', '/ops/drafts', { body: 'x', type: 'text/plain' })).toMatchObject({ body: { code: 'UNSUPPORTED_MEDIA' } });
    expect((await t.ask('POST', '/ops/runs', { body: yaml, type: 'application/yaml' })).status).toBe(415);
  });

  it.each([
    ['a duplicate key', '{"prompt":"a","prompt":"b"}', 'BAD_JSON'],
    ['no JSON', '{"prompt":', 'BAD_JSON'],
    ['a field that is not known', '{"prompt":"a","promt":"b"}', 'BAD_REQUEST'],
    ['nothing', '', 'BAD_REQUEST'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), 'BAD_REQUEST'],
  ])('refuses %s', async (_name, body, code) => {
    const before = await count();
    expect(await t.ask('POST', '/ops/drafts', { body })).toMatchObject({ status: 400, body: { code } });
    expect(await count()).toBe(before);
  });

  it('names every fault of a plan and stores nothing of it', async () => {
    const before = await count();
    const faulty = plan([noop('a', ['ghost']), { id: 'b', kind: 'nonsense' }, { id: 'c', kind: 'process', with: { argv: [] } }, noop('a')]);
    const answer = await t.post('/ops/drafts', { plan: faulty });
    expect(answer).toMatchObject({ status: 400, body: { code: 'PLAN_INVALID' } });
    const codes = (answer.body.faults ?? []).map((fault: Fault) => `${fault.node}:${fault.code}`);
    expect(codes).toEqual(expect.arrayContaining(['a:UNKNOWN_NEED', 'b:UNKNOWN_KIND', 'c:TOO_SMALL', 'a:DUPLICATE_ID']));
    expect(await count()).toBe(before);
  });

  it('refuses a cycle and 10,001 nodes before anything is stored', async () => {
    const before = await count();
    const cycle = await t.post('/ops/drafts', { plan: plan([noop('a', ['b']), noop('b', ['a'])]) });
    expect(cycle.body.faults?.[0]).toMatchObject({ code: 'CYCLE', message: expect.stringContaining('a → b → a') });
    const many = plan(Array.from({ length: 10_001 }, (_none, index) => noop(`n${index}`)));
    const answer = await t.post('/ops/drafts', { plan: many });
    expect(answer.body.faults?.[0]).toMatchObject({ code: 'TOO_MANY_NODES' });
    expect(await count()).toBe(before);
  });

  // verifies: P0-3
  it('takes 10,000 nodes and goes on answering meanwhile', async () => {
    const big = plan(Array.from({ length: 10_000 }, (_none, index) => noop(`n${index}`, index === 0 ? [] : [`n${index - 1}`])));
    const seen = { isDone: false, answers: 0 };
    const work = t.post<Draft>('/ops/drafts', { plan: big }).finally(() => (seen.isDone = true));
    while (!seen.isDone) {
      await setImmediate();
      await t.get('/health');
      seen.answers++;
    }
    const { status, body } = await work;
    expect(status).toBe(201);
    expect(seen.answers).toBeGreaterThan(5);
    expect((await t.get<Packet>(`/ops/drafts/${body.id}/packet`)).body.hash).toBe(body.hash);
  });

  it('answers 413 to a body of 20 MB', async () => {
    const answer = await t.ask('POST', '/ops/drafts', { body: JSON.stringify({ prompt: 'x'.repeat(20 * MIB) }) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  });

  it('raises the revision with each edit, and refuses an edit of an older one', async () => {
    const draft = await create({ prompt: 'first' });
    const second = await t.put<Draft>(`/ops/drafts/${draft.id}`, { prompt: 'second', revision: 1 });
    expect(second.body).toMatchObject({ revision: 2, prompt: 'second', plan: { title: 'second' } });
    expect(second.body.hash).not.toBe(draft.hash);
    expect(await t.put(`/ops/drafts/${draft.id}`, { prompt: 'third', revision: 1 })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    const edits = await Promise.all(Array.from({ length: 5 }, () => t.put(`/ops/drafts/${draft.id}`, { prompt: 'race', revision: 2 })));
    expect(edits.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('lists the newest first, by status, page by page', async () => {
    await create({ prompt: 'older' });
    const newest = await create({ prompt: 'newest' });
    const first = await t.get<Draft[]>('/ops/drafts?limit=1&status=draft');
    expect(first.body.map(({ id }) => id)).toEqual([newest.id]);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers['link'] ?? '')?.[1] ?? '';
    const second = await t.get<Draft[]>(next);
    expect(second.body[0]?.prompt).toBe('older');
    expect((await t.get('/ops/drafts?limit=201')).status).toBe(400);
    expect((await t.get('/ops/drafts?color=red')).status).toBe(400);
  });

  // verifies: SEC-11
  it('answers 400 to a malformed id, 404 to an unknown one, 405 with what is allowed', async () => {
    expect((await t.get('/ops/drafts/d_nonsense')).status).toBe(400);
    expect((await t.get('/ops/drafts/d_01ARZ3NDEKTSV4RRFFQ69G5FAV')).status).toBe(404);
    const wrong = await t.ask('DELETE', '/ops/drafts');
    expect(wrong.status).toBe(405);
    expect(wrong.headers['allow']).toBe('GET, POST');
  });

  it('validates without storing, with faults or with findings', async () => {
    const before = await count();
    const bad = await t.post<{ valid: boolean; faults: Fault[] }>('/ops/drafts/validate', { plan: plan([]) });
    expect(bad).toMatchObject({ status: 200, body: { valid: false } });
    const shell = plan([{ id: 'a', kind: 'process', with: { argv: ['sh', '-c', 'echo ${{ inputs.x }}'] } }], {
      inputs: { x: { default: '1' } },
    });
    const good = await t.post<{ valid: boolean; findings: Finding[] }>('/ops/drafts/validate', { plan: shell });
    expect(good.body.valid).toBe(true);
    expect(good.body.findings.map(({ rule }) => rule)).toContain('SHELL_WITH_REFERENCE');
    expect(await count()).toBe(before);
  });

  it('answers the same to the same Idempotency-Key, and 422 to another body', async () => {
    const before = await count();
    const key = { 'idempotency-key': 'draft-1' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => t.post<Draft>('/ops/drafts', { prompt: 'once' }, key)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(await count()).toBe(before + 1);
    expect(await t.post('/ops/drafts', { prompt: 'other' }, key)).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_MISMATCH' } });
    const own = await t.ask<Draft>('POST', '/ops/drafts', { token: TOKENS.operator, body: { prompt: 'once' }, headers: key });
    expect(own.status).toBe(403);
    expect(await t.post('/ops/drafts', { prompt: 'x' }, { 'idempotency-key': 'no blanks' })).toMatchObject({ status: 400 });
  });

  it('answers from the store after a restart of the API', async () => {
    const key = { 'idempotency-key': 'draft-2' };
    const first = await t.post<Draft>('/ops/drafts', { prompt: 'kept' }, key);
    const other = await startApp({ store: t.store, repo: t.repo });
    try {
      const again = await other.post<Draft>('/ops/drafts', { prompt: 'kept' }, key);
      expect(again.body).toEqual(first.body);
    } finally {
      await other.close();
    }
  });

  // verifies: PRIN-2
  it('writes one audit entry with each change, none without', async () => {
    const { last } = await t.store.gics.info(AUDIT_STREAM);
    const draft = await create({ prompt: 'audited' });
    await t.put(`/ops/drafts/${draft.id}`, { prompt: 'edited' });
    await t.post(`/ops/drafts/${draft.id}/reject`, { comment: 'no' });
    await t.post('/ops/drafts', { prompt: '' });
    await t.get(`/ops/drafts/${draft.id}`);
    const entries = await t.store.gics.read(AUDIT_STREAM, { from: last + 1 });
    expect(entries.map(({ data }) => data)).toMatchObject([
      { action: 'drafts_create', object: draft.id, outcome: 'done' },
      { action: 'drafts_update', object: draft.id, outcome: 'done' },
      { action: 'drafts_reject', object: draft.id, outcome: 'done' },
    ]);
  });
});

describe('a store that is gone', () => {
  it('answers 503 without inner details, and nothing has happened', async () => {
    const t = await startApp({ gicsTimeoutMs: 500 });
    try {
      await t.store.kill();
      const waiting = t.post('/ops/drafts', { prompt: 'lost?' });
      expect(await waiting).toMatchObject({ status: 503, body: { code: 'GICS_UNAVAILABLE' } });
      await t.store.restart();
      expect((await t.get<Draft[]>('/ops/drafts')).body).toEqual([]);
      expect(await t.store.gics.read(AUDIT_STREAM)).toEqual([]);
    } finally {
      await t.close();
    }
  });
});
