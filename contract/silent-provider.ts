/** Providers that a plan calls and that do not answer at the moment: whoever decides should know before. */
import { providersCalled } from './model-calls.ts';
import type { Plan } from './plan.ts';

type Health = { ok: boolean; name: string; detail: string };

export const silentSentence = ({ name, detail }: Health): string =>
  `The provider \`${name}\` does not answer at the moment, so a run would fail where it needs a model: ${detail}`;

/** In: a plan, and how to ask for one provider; undefined: for the active one; null: who asks may not know. Out: a sentence for each. */
export async function silentProviders(
  plan: Pick<Plan, 'nodes'>,
  healthOf: (name: string | undefined) => Promise<Health | null>,
): Promise<string[]> {
  const found = await Promise.all(providersCalled(plan).map((name) => healthOf(name === 'auto' ? undefined : name)));
  return found.flatMap((health) => (health === null || health.ok ? [] : silentSentence(health)));
}
