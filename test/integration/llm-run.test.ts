/** From a prompt to the answer of a model: real everything, only the model is a mock that speaks the real protocol. */
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft, NodeDetail, Run } from '#contract/objects.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

const KEY = 'the-key-of-a-provider-0123456789';
const mock = new LLMock({ port: 0, host: '127.0.0.1' });
let stack: Stack;
beforeAll(async () => {
  const url = await mock.start();
  stack = await startStack({ env: { A_PROVIDER_KEY: KEY } });
  const provider = { type: 'custom_openai_compatible', base_url: `${url}/v1`, model: 'm', api_key: '${A_PROVIDER_KEY}' };
  await stack.admin.put('/ops/provider', { active: 'mock', providers: { mock: provider } });
}, 400_000);
afterAll(async () => {
  await stack.close();
  await mock.stop();
});

describe('a prompt', () => {
  // verifies: ARC-2, API-6, PRV-5, PRIN-3, API-11
  it('is drafted, approved without a body, run, and answered by the provider that is active then', async () => {
    mock.onMessage('Say hello', { content: 'Hello, world.' });
    const draft = await stack.admin.post<Draft>('/ops/drafts', { prompt: 'Say hello' }, 201);
    expect(mock.getRequests()).toEqual([]);
    const { run } = await stack.operator.post<{ run: Run }>(`/ops/drafts/${draft.id}/approve?auto_run=true`);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', error: null });
    const node = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/answer`);
    expect(node.output).toMatchObject({ text: 'Hello, world.', provider: 'mock', model: 'm' });
    expect(mock.getRequests()).toHaveLength(1);
  });

  // verifies: SEC-8
  it('leaves no trace of the key in any answer', async () => {
    const paths = ['/ops/provider', '/ops/provider/health', '/status', '/ops/runs', '/ops/approved', '/ui/status', '/openapi.json'];
    const answers = await Promise.all(paths.map((path) => stack.admin.get<unknown>(path)));
    expect(JSON.stringify(answers)).not.toContain(KEY);
    expect(JSON.stringify(answers[0])).toContain('${A_PROVIDER_KEY}');
  });
});

describe('generating', () => {
  // verifies: API-7
  it('makes a draft of the plan that the model wrote, which runs only after an approval', async () => {
    const unused = { needs: [], argv: null, write: null, prompt: null, title: null, message: null, path: null, content: null };
    const answer = { title: 'Greet', intent: 'Greet once.', steps: [{ ...unused, id: 'greet', kind: 'transform', expr: '"hello"' }] };
    mock.onMessage(/Greet once/, { content: JSON.stringify(answer) });
    const draft = await stack.admin.post<Draft>('/ops/generate', { prompt: 'Greet once' }, 201);
    expect(draft).toMatchObject({ status: 'draft', approved_id: null, error: null, plan: { title: 'Greet' } });
    expect((await stack.actions.get<Run[]>('/ops/runs')).map(({ title }) => title)).not.toContain('Greet');
    const { run } = await stack.admin.post<{ run: Run }>(`/ops/drafts/${draft.id}/approve?auto_run=true`, { hash: draft.hash });
    expect((await stack.operator.ended(run.id)).status).toBe('done');
  });

  // verifies: API-7
  it('leaves a draft with the reason when the provider is not there, and nothing else is held up', async () => {
    const nobody = { type: 'custom_openai_compatible', base_url: 'http://127.0.0.1:1/v1', model: 'm', api_key: null };
    await stack.admin.put('/ops/provider', { active: 'nobody', providers: { nobody } });
    const draft = await stack.admin.post<Draft>('/ops/generate', { prompt: 'Greet again' }, 201);
    expect(draft).toMatchObject({ status: 'error', plan: null, error: { code: 'PROVIDER_UNAVAILABLE' } });
    expect((await stack.actions.get<{ ready: boolean }>('/ready')).ready).toBe(true);
  });
});
