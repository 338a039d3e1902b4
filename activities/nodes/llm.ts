import { GimoError } from '#contract/errors.ts';
import type { WithOf } from '#contract/plan.ts';
import { findProvider, type LlmRequest, type LlmResult, type Provider } from '#contract/provider.ts';
import { worstCaseUsd } from '#contract/worst-case.ts';
import { resolveEnvRef } from '#platform/env-refs.ts';
import { holdOfDay } from '../effects/daily-caps.ts';
import { costOf } from '../failure.ts';
import { createProvider } from '../providers/create-provider.ts';
import { priceOf } from '../providers/prices.ts';
import { readProviders } from '../runs/settings.ts';
import type { Acted } from '../effects/ledger.ts';
import type { EffectAct, EffectCall } from './act.ts';

/** Of dollars that are compared after they were added up. */
const ROUNDING_USD = 1e-9;

/**
 * One call. Its ceiling in dollars is enforced while it streams. Where the price is not known only its tokens are limited, and the
 * workflow counts all the money that was left.
 */
export const actLlm: EffectAct<'llm'> = async (call) => {
  const { deps } = call;
  const { name, provider: entry } = findProvider(await readProviders(deps.gics), call.with.provider);
  const configured = call.with.model === undefined ? entry : { ...entry, model: call.with.model };
  const request = requestOf(call.with);
  const settle = await hold(call, name, configured, request);
  let costUsd: number | null = null;
  try {
    const result = await invoke(call, name, configured, request);
    costUsd = result.cost_usd;
    return actedOf(name, result, request);
  } catch (error) {
    costUsd = costOf(error);
    throw error;
  } finally {
    await settle(costUsd);
  }
};

function requestOf(given: WithOf<'llm'>): LlmRequest {
  const { prompt, system, schema, max_output_tokens, temperature, messages, tools, tool_choice, repair } = given;
  return {
    prompt,
    max_output_tokens,
    ...(system === undefined ? {} : { system }),
    ...(schema === undefined ? {} : { schema }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(messages === undefined ? {} : { messages }),
    ...(tools === undefined ? {} : { tools }),
    ...(tool_choice === undefined ? {} : { tool_choice }),
    ...(repair === undefined ? {} : { repair }),
  };
}

/** Keeps what it may cost out of what is left of the day. Out: what settles that. Throws: BUDGET_EXCEEDED, GICS_UNAVAILABLE. */
async function hold(call: EffectCall<'llm'>, name: string, configured: Provider, request: LlmRequest): Promise<Settle> {
  const { deps, input, key } = call;
  const price = priceOf(configured);
  if (price?.basis === 'local') return () => Promise.resolve();
  const ceilingUsd = input.max_usd ?? 0;
  const usd = worstCaseUsd(request, price) ?? ceilingUsd;
  if (usd > ceilingUsd + ROUNDING_USD)
    throw new GimoError('BUDGET_EXCEEDED', {
      message: `The call may cost ${usd.toFixed(6)} US$ and ${ceilingUsd.toFixed(6)} were kept for it: its price has changed since the run began.`,
      hint: 'Start the run again, so that it takes up the prices of now.',
    });
  const settle = await holdOfDay(deps.gics, { key, provider: name, usd });
  // What was kept and is not settled counts as a whole: no reason to lose the answer.
  return (costUsd) =>
    settle(costUsd).catch((error: unknown) => deps.log.warn({ err: error, key }, 'a call could not be settled for the day'));
}

type Settle = (costUsd: number | null) => Promise<void>;

async function invoke(
  { deps, input, signal, output }: EffectCall<'llm'>,
  name: string,
  configured: Provider,
  request: LlmRequest,
): Promise<LlmResult> {
  const provider = await createProvider(name, configured, (ref) => resolveEnvRef(ref, deps.env));
  return provider.invoke(request, {
    signal,
    timeoutMs: input.timeout_ms,
    onDelta: (text) => output.write('text', text),
    maxCostUsd: priceOf(configured) === null ? null : input.max_usd,
  });
}

function actedOf(name: string, result: LlmResult, { tools, repair }: LlmRequest): Acted {
  const { text, json, usage, cost_usd, model, finish, tool_calls } = result;
  const tokens = usage === null ? null : usage.input_tokens + usage.output_tokens;
  return {
    result: {
      outcome: 'done',
      output: {
        text,
        json,
        usage: usage === null ? null : { ...usage },
        cost_usd,
        provider: name,
        model,
        ...(tools === undefined ? {} : { tool_calls, finish }),
        ...(repair === 'none' ? { faults: result.faults, finish } : {}),
      },
      cost_usd,
      tokens,
    },
    facts: { provider: name, model, usage: usage === null ? null : { ...usage } },
  };
}
