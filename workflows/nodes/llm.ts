import { worstCaseTokens } from '#contract/budget.ts';
import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

const DEFAULT_TIMEOUT_MS = 300_000;

/** Reserves the worst case before the call and settles what it took; the ceiling travels with the call, which is cut there. */
export const runLlm: NodeRunner<'llm'> = (call) =>
  runEffect(call, {
    timeoutMs: DEFAULT_TIMEOUT_MS,
    reserve: (rendered) => {
      const chars = JSON.stringify([rendered['prompt'], rendered['system'] ?? '', rendered['schema'] ?? '']).length;
      return call.scope.run.budget.reserve(worstCaseTokens(chars, call.node.with.max_output_tokens));
    },
  });
