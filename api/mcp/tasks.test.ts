/** Runs as tasks, as they are on the wire: the SDK has no help for this extension. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '#contract/json.ts';
import type { Approved, Draft, Gate, Run } from '#contract/objects.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { openGateOf, startRunOf } from '#test/helpers/gate.ts';
import { postMcp, startListeningApp, type ListeningApp, type WireAnswer } from '#test/helpers/mcp.ts';

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const WITH_FORMS = { ...TASKS, elicitation: { form: {} } };
const PLAN = { version: 1, title: 'A task', nodes: [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }] };

let t: ListeningApp;
beforeAll(async () => void (t = await startListeningApp()));
afterEach(() => void vi.useRealTimers());
afterAll(() => t.close());

type Ask = { capabilities?: object; token?: string; more?: object };

const ask = (method: string, taskId: string, { capabilities = TASKS, token = TOKENS.operator, more = {} }: Ask = {}): Promise<WireAnswer> =>
  postMcp({ url: t.url, token, method, params: { taskId, ...more }, capabilities });

async function patchRun(run: Run, set: JsonObject): Promise<void> {
  await t.store.gics.txn([{ op: 'patch', collection: 'runs', id: run.id, set }]);
}

async function createRun(capabilities: object): Promise<Record<string, unknown>> {
  const { body: draft } = await t.post<Draft>('/ops/drafts', { plan: PLAN });
  const { approved } = (await t.post<{ approved: Approved }>(`/ops/drafts/${draft.id}/approve`, { hash: draft.hash })).body;
  const params = { name: 'create_run', arguments: { approved_id: approved.id } };
  return (await postMcp({ url: t.url, token: TOKENS.operator, method: 'tools/call', params, capabilities })).result;
}

describe('a run', () => {
  it('is a task for a client that declares the extension with the request, and for no other', async () => {
    const task = await createRun(TASKS);
    expect(task).toMatchObject({ resultType: 'task', taskId: expect.stringMatching(/^r_/), status: 'working', ttlMs: null });
    expect((await ask('tasks/get', String(task['taskId']))).result).toMatchObject({ taskId: task['taskId'], status: 'working' });
    const plain = await createRun({});
    expect(plain).toMatchObject({ resultType: 'complete', structuredContent: { status: 'pending' } });
    const { error } = await ask('tasks/get', String(task['taskId']), { capabilities: {} });
    expect(error?.code).toBe(-32_021);
  });

  it('ends as a completed task with its result, also when it failed', async () => {
    const run = await startRunOf(t, PLAN);
    await patchRun(run, { status: 'done', finished_at: new Date().toISOString(), outputs: { answer: 42 } });
    expect((await ask('tasks/get', run.id)).result).toMatchObject({
      status: 'completed',
      result: { isError: false, structuredContent: { run_id: run.id, status: 'done', outputs: { answer: 42 } } },
    });
    await patchRun(run, { status: 'error' });
    expect((await ask('tasks/get', run.id)).result).toMatchObject({ status: 'completed', result: { isError: true } });
    await patchRun(run, { status: 'cancelled' });
    expect((await ask('tasks/get', run.id)).result).toMatchObject({ status: 'cancelled' });
  });

  it('that does not exist, or a draft, is an error', async () => {
    expect((await ask('tasks/get', `r_${'0'.repeat(26)}`)).error).toMatchObject({ code: -32_602 });
    expect((await ask('tasks/cancel', 'd_01ARZ3NDEKTSV4RRFFQ69G5FAV')).error?.message).toContain('is a draft');
  });

  it('is stopped by tasks/cancel, and a second one is acknowledged too', async () => {
    const run = await startRunOf(t, PLAN);
    await patchRun(run, { final_ref: 'x', finished_at: new Date().toISOString() });
    expect((await ask('tasks/cancel', run.id, { token: TOKENS.actions })).error?.message).toContain('FORBIDDEN');
    expect((await ask('tasks/cancel', run.id)).error).toBeUndefined();
    expect(await t.store.gics.get('cancels', run.id)).not.toBeNull();
    expect((await ask('tasks/cancel', run.id)).error).toBeUndefined();
  });
});

describe('a run that waits for a person', () => {
  const gateNow = async (gate: Gate): Promise<string> => (await t.get<Gate>(`/ops/gates/${gate.id}`)).body.status;
  const reading = (): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3000 });
  const accept = { action: 'accept', content: { decision: 'approve' } };

  async function questionOf(run: Run, capabilities: object): Promise<{ key: string; request: Record<string, unknown> }> {
    const { result } = await ask('tasks/get', run.id, { capabilities });
    expect(result).toMatchObject({ status: 'input_required', statusMessage: expect.stringContaining(`${t.url}/runs/`) });
    const [entry] = Object.entries(result['inputRequests'] as Record<string, Record<string, unknown>>);
    return { key: entry?.[0] ?? '', request: entry?.[1] ?? {} };
  }

  it('asks with one key as long as the question is open, and takes one answer', async () => {
    const run = await startRunOf(t, PLAN);
    const gate = await openGateOf(t, run);
    const { key, request } = await questionOf(run, WITH_FORMS);
    expect(request).toMatchObject({ method: 'elicitation/create', params: { message: expect.stringContaining(gate.title) } });
    expect((await questionOf(run, WITH_FORMS)).key).toBe(key);
    reading();
    const update = { capabilities: WITH_FORMS, more: { inputResponses: { [key]: accept, other: accept } } };
    expect((await ask('tasks/update', run.id, update)).error).toBeUndefined();
    expect(await gateNow(gate)).toBe('approved');
  });

  it('takes no answer of somebody else, none for another run, and none that came too fast', async () => {
    const run = await startRunOf(t, PLAN);
    const other = await startRunOf(t, PLAN);
    const gate = await openGateOf(t, run);
    const { key } = await questionOf(run, WITH_FORMS);
    const more = { inputResponses: { [key]: accept } };
    reading();
    await ask('tasks/update', run.id, { capabilities: WITH_FORMS, token: TOKENS.admin, more });
    await ask('tasks/update', other.id, { capabilities: WITH_FORMS, more });
    expect(await gateNow(gate)).toBe('open');
    vi.useRealTimers();
    await ask('tasks/update', run.id, { capabilities: WITH_FORMS, more });
    expect(await gateNow(gate)).toBe('open');
    expect((await questionOf(run, WITH_FORMS)).key).not.toBe(key);
  });

  it('shows the page and no form for a higher risk, and nothing to a client that can show nothing', async () => {
    const run = await startRunOf(t, PLAN);
    const gate = await openGateOf(t, run, { risk: 'high' });
    const { key, request } = await questionOf(run, { ...TASKS, elicitation: { form: {}, url: {} } });
    expect(request).toMatchObject({ params: { mode: 'url', url: expect.stringContaining(`${t.url}/runs/r_`) } });
    reading();
    await ask('tasks/update', run.id, { capabilities: WITH_FORMS, more: { inputResponses: { [key]: accept } } });
    expect(await gateNow(gate)).toBe('open');
    expect((await questionOf(run, TASKS)).key).toBe('');
  });
});
