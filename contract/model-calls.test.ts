import { describe, expect, test } from 'vitest';
import { modelFindings, resolveModel, withModels } from './model-calls.ts';
import { checkPlan } from './plan-check.ts';
import { DEFAULT_PROVIDERS } from './provider.ts';

const call = (id: string, provider?: string) => ({ id, kind: 'llm', with: { prompt: 'hello', ...(provider && { provider }) } });
function planned(...nodes: object[]) {
  const { plan, faults } = checkPlan({ version: 1, title: 'Models', nodes });
  if (plan === null) throw new Error(JSON.stringify(faults));
  return plan;
}

describe('models of a plan', () => {
  test('the name auto stands for the provider that is active now', () => {
    expect(resolveModel('auto/default', DEFAULT_PROVIDERS)).toMatchObject({ provider: 'local_ollama', model: 'qwen2.5-coder:7b' });
    expect(resolveModel('openai/gpt-4o-mini', DEFAULT_PROVIDERS)).toMatchObject({ model: 'gpt-4o-mini', isLocal: false });
    expect([resolveModel('ghost/default', DEFAULT_PROVIDERS), resolveModel('gemini/default', DEFAULT_PROVIDERS)]).toEqual([null, null]);
    const model = { type: 'model', value: 'auto/default', nodes: ['a'] };
    expect(withModels([model, { ...model, type: 'host' }], DEFAULT_PROVIDERS).map(({ now }) => now)).toEqual([
      'local_ollama/qwen2.5-coder:7b',
      undefined,
    ]);
  });
  test('each model is named once with its place, and only text that leaves the machine raises the risk', () => {
    const found = modelFindings(planned(call('a'), call('b'), call('c', 'openai')), DEFAULT_PROVIDERS);
    expect(found.map(({ severity, node, message }) => [severity, node, message])).toEqual([
      ['low', null, 'Its text goes to the model `qwen2.5-coder:7b` of the provider `local_ollama`, on this machine.'],
      ['medium', 'c', 'Its text goes to the model `gpt-4o` of the provider `openai`, at `api.openai.com`: it leaves this machine.'],
    ]);
  });
});
