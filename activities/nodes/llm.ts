import { findProvider } from '#contract/provider.ts';
import { resolveEnvRef } from '#platform/env-refs.ts';
import { createProvider } from '../providers/create-provider.ts';
import { priceOf } from '../providers/prices.ts';
import { readProviders } from '../runs/settings.ts';
import type { EffectAct } from './act.ts';

/** One call. Its ceiling in dollars is enforced while it streams; with an unknown price only the tokens are limited. */
export const actLlm: EffectAct<'llm'> = async (call) => {
  const { deps, input, signal, output } = call;
  const { name, provider: entry } = findProvider(await readProviders(deps.gics), call.with.provider);
  const configured = call.with.model === undefined ? entry : { ...entry, model: call.with.model };
  const provider = await createProvider(name, configured, (ref) => resolveEnvRef(ref, deps.env));
  const { prompt, system, schema, max_output_tokens, temperature } = call.with;
  const result = await provider.invoke(
    {
      prompt,
      max_output_tokens,
      ...(system === undefined ? {} : { system }),
      ...(schema === undefined ? {} : { schema }),
      ...(temperature === undefined ? {} : { temperature }),
    },
    {
      signal,
      timeoutMs: input.timeout_ms,
      onDelta: (text) => output.write('text', text),
      maxCostUsd: priceOf(configured) === null ? null : input.max_usd,
    },
  );
  const { text, json, usage, cost_usd, model } = result;
  const tokens = usage === null ? null : usage.input_tokens + usage.output_tokens;
  return {
    result: {
      outcome: 'done',
      output: { text, json, usage: usage === null ? null : { ...usage }, cost_usd, provider: name, model },
      cost_usd,
      tokens,
    },
    facts: { provider: name, model, usage: usage === null ? null : { ...usage } },
  };
};
