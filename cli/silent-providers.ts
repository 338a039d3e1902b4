import type { Plan } from '#contract/plan.ts';
import { silentProviders } from '#contract/silent-provider.ts';
import type { ApiClient, DataOf } from './api-client.ts';
import { ApiFailure } from './failure.ts';

/** A line for each provider that the plan calls and that does not answer now; none for who may not ask. Waits: for the checks. */
export async function silentProviderLines(client: ApiClient, plan: Pick<Plan, 'nodes'>): Promise<string[]> {
  return (await silentProviders(plan, (name) => healthOf(client, name))).map((sentence) => `! ${sentence}`);
}

async function healthOf(client: ApiClient, name: string | undefined): Promise<DataOf<'provider_health'> | null> {
  try {
    return (await client.call('provider_health', { query: name === undefined ? {} : { name } })).data;
  } catch (error) {
    if (error instanceof ApiFailure) return null;
    throw error;
  }
}
