import { Sparkles } from 'lucide-react';
import { defineView } from './view.ts';

export const llmNode = defineView<'llm'>({
  label: 'Model call',
  icon: Sparkles,
  summary: ({ provider, model, prompt }) =>
    `${provider ?? 'auto'}${model === undefined ? '' : `/${model}`}: ${(prompt ?? '').slice(0, 200)}`,
  fields: ({ provider, model, system, prompt, schema, messages, tools, max_output_tokens, temperature }) => ({
    provider,
    model,
    system,
    prompt,
    'said since': messages,
    'may ask for': tools?.map(({ name }) => name).join(', '),
    'answer must fit': schema,
    'output tokens at most': max_output_tokens,
    temperature,
  }),
});
