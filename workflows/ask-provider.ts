import type { GenerateInput, GenerateResult, ProviderCheck } from '#contract/messages.ts';
import { asking } from './activities.ts';

/** Provider calls are made by the worker only, because only it may resolve keys. */
export function generatePlan(input: GenerateInput): Promise<GenerateResult> {
  return asking.generatePlan(input);
}

export function checkProvider(input: { name: string | null }): Promise<ProviderCheck> {
  return asking.checkProvider(input);
}
