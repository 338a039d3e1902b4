import type { Need } from '#contract/budget.ts';
import type { JsonObject } from '#contract/json.ts';
import type { LlmMessage, LlmTool } from '#contract/llm-talk.ts';
import type { LlmRequest } from '#contract/provider.ts';
import { asText } from '#contract/template.ts';
import { priceOfCall, worstCaseTokens, worstCaseUsd } from '#contract/worst-case.ts';
import { runEffect } from '../effect.ts';
import type { NodeCall, NodeRunner } from './runner.ts';

const DEFAULT_TIMEOUT_MS = 300_000;

/** Reserves the worst case before the call and settles what it took; the ceiling travels with the call, which is cut there. */
export const runLlm: NodeRunner<'llm'> = (call) =>
  runEffect(call, {
    timeoutMs: DEFAULT_TIMEOUT_MS,
    reserve: (rendered) => {
      const { scope, node, attempt } = call;
      return scope.run.spending.reserve({ id: scope.instanceId(node.id), kind: node.kind, attempt }, needOf(call, rendered));
    },
  });

function needOf({ scope, node }: NodeCall<'llm'>, rendered: JsonObject): Need {
  const { max_output_tokens } = node.with;
  const request = { ...textsOf(rendered), max_output_tokens };
  const tokens = worstCaseTokens(request);
  const { prices } = scope.run.approved;
  // A run from before there were prices: half of what is left, so that the next call has something too.
  if (prices === undefined) return { usd: scope.run.spending.left.usd / 2, tokens };
  const { model } = rendered;
  const price = priceOfCall(prices, node.with.provider, typeof model === 'string' ? model : undefined);
  return { usd: worstCaseUsd(request, price), tokens };
}

type Texts = Pick<LlmRequest, 'prompt' | 'system' | 'schema' | 'messages' | 'tools' | 'repair'>;

function textsOf({ prompt, system, schema, messages, tools, repair }: JsonObject): Texts {
  return {
    prompt: asText(prompt ?? ''),
    ...(typeof system === 'string' ? { system } : {}),
    ...(schema === undefined ? {} : { schema: schema as JsonObject }),
    ...(messages === undefined ? {} : { messages: messages as LlmMessage[] }),
    ...(tools === undefined ? {} : { tools: tools as LlmTool[] }),
    ...(repair === 'none' ? { repair } : {}),
  };
}
