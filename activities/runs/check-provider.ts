import { errorMessage } from '#contract/errors.ts';
import type { ProviderCheck } from '#contract/messages.ts';
import { findProvider } from '#contract/provider.ts';
import { resolveEnvRef } from '#platform/env-refs.ts';
import { redact } from '#platform/redact.ts';
import type { ActivityDeps } from '../deps.ts';
import { createProvider } from '../providers/create-provider.ts';
import { readProviders } from './settings.ts';

const DEADLINE_MS = 6000;

/** Whether a provider answers now. Never throws for what is wrong with the provider: that is the answer. */
export async function checkProvider(deps: ActivityDeps, input: { name: string | null }): Promise<ProviderCheck> {
  const { name, provider: entry } = findProvider(await readProviders(deps.gics), input.name);
  try {
    const provider = await createProvider(name, entry, (ref) => resolveEnvRef(ref, deps.env));
    const { ok, detail, latency_ms, models } = await provider.health({ signal: AbortSignal.timeout(DEADLINE_MS) });
    return { name, ok, detail, latency_ms, models: models ?? [] };
  } catch (error) {
    return { name, ok: false, detail: redact(errorMessage(error)), latency_ms: null, models: [] };
  }
}
