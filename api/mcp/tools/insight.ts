import { RunId } from '#contract/ids.ts';
import { CostSchema } from '#contract/routes/records.ts';
import { z } from '#contract/zod.ts';
import { Refusal, type Backend } from '../backend.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { pageQuery } from './plans.ts';

const ProviderView = z.object({
  name: z.string(),
  type: z.string().nullable(),
  model: z.string().nullable(),
  key_set: z.boolean().nullable(),
});

/** The configuration is for admins; everybody else sees the names. */
async function readProviders(backend: Backend): Promise<{ active: string; providers: z.output<typeof ProviderView>[] }> {
  try {
    const { data } = await backend.call('provider_get');
    const providers = Object.entries(data.providers).map(([name, { type, model, key_set }]) => ({ name, type, model, key_set }));
    return { active: data.active, providers };
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.code !== 'FORBIDDEN') throw error;
    const { data } = await backend.call('status');
    return {
      active: data.providers.active,
      providers: data.providers.names.map((name) => ({ name, type: null, model: null, key_set: null })),
    };
  }
}

const listProviders = defineTool({
  name: 'list_providers',
  title: 'List model providers',
  toolset: 'insight',
  description: 'Configured model providers and which one is active. Keys are never shown, only whether one is set.',
  input: z.strictObject({}),
  output: z.object({ active: z.string(), providers: z.array(ProviderView) }),
  hints: READS,
  run: async ({ backend }) => ({ data: await readProviders(backend) }),
});

const getCost = defineTool({
  name: 'get_cost',
  title: 'Read what model calls cost',
  toolset: 'insight',
  description: 'Cost of model calls in US dollars by provider and model, of one run or of the last days. An unknown cost is null, never 0.',
  input: z.strictObject({ run_id: RunId.optional(), days: z.int().min(1).max(365).optional() }),
  output: CostSchema,
  hints: READS,
  run: async ({ backend }, { run_id, days }) => ({ data: (await backend.call('cost_get', { query: pageQuery({ run_id, days }) })).data }),
});

export const insightTools: Tool[] = [listProviders, getCost];
