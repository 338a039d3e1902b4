import { providersCalled } from '#contract/model-calls.ts';
import type { Plan } from '#contract/plan.ts';
import type { ApiClient } from './api-client.ts';
import { ApiFailure } from './failure.ts';

/** A line for each provider that the plan calls and that does not answer now; none for who may not ask. Waits: for the checks. */
export async function silentProviderLines(client: ApiClient, plan: Pick<Plan, 'nodes'>): Promise<string[]> {
  const lines = await Promise.all(providersCalled(plan).map((name) => silentLine(client, name)));
  return lines.filter((line) => line !== null);
}

async function silentLine(client: ApiClient, name: string): Promise<string | null> {
  try {
    const { data: health } = await client.call('provider_health', { query: name === 'auto' ? {} : { name } });
    if (health.ok) return null;
    return `! The provider \`${health.name}\` does not answer at the moment, so a run would fail where it needs a model: ${health.detail}`;
  } catch (error) {
    if (error instanceof ApiFailure) return null;
    throw error;
  }
}
