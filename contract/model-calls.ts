/** Which models a plan calls, and what stands behind their names at the moment. Pure. */
import type { Capability } from './capability.ts';
import { finding, quoteAll } from './findings/finding.ts';
import type { Finding } from './objects.ts';
import { allNodes, type Plan } from './plan.ts';
import { findProvider, isLocalProvider, providerHost, PROVIDER_TYPES, type ProviderConfig } from './provider.ts';

/** The model that nodes without one use. */
const DEFAULT_MODEL = 'default';

/** Names as an envelope has them, `provider/model`, and the nodes that call each. */
export function modelCalls({ nodes }: Pick<Plan, 'nodes'>): Map<string, string[]> {
  const calls = new Map<string, string[]>();
  for (const { node } of allNodes(nodes)) {
    if (node.kind !== 'llm' && node.kind !== 'agent') continue;
    const name = `${node.with.provider}/${node.with.model ?? DEFAULT_MODEL}`;
    calls.set(name, [...(calls.get(name) ?? []), node.id]);
  }
  return calls;
}

/** Names of the providers that a plan calls; `auto` is the active one. */
export function providersCalled(plan: Pick<Plan, 'nodes'>): string[] {
  return [...new Set([...modelCalls(plan).keys()].map((name) => name.split('/')[0] ?? ''))];
}

export type ResolvedModel = { provider: string; model: string; host: string | null; isLocal: boolean };

/** In: `provider/model`. Out: what it stands for now; null when there is no such provider or none that can be called. */
export function resolveModel(name: string, providers: ProviderConfig): ResolvedModel | null {
  const [wanted = '', ...rest] = name.split('/');
  const model = rest.join('/');
  try {
    const { name: provider, provider: row } = findProvider(providers, wanted);
    if (PROVIDER_TYPES[row.type].protocol === 'none') return null;
    return { provider, model: model === DEFAULT_MODEL ? row.model : model, host: providerHost(row), isLocal: isLocalProvider(row) };
  } catch {
    return null;
  }
}

/** Models among what a plan may use, with what they stand for now where that is another name. */
export function withModels(capabilities: Capability[], providers: ProviderConfig): Capability[] {
  return capabilities.map((item) => {
    const found = item.type === 'model' ? resolveModel(item.value, providers) : null;
    const now = found && `${found.provider}/${found.model}`;
    return now === null || now === item.value ? item : { ...item, now };
  });
}

/** Who gets text of the run: each model once, and whether what it is told leaves this machine. */
export function modelFindings(plan: Pick<Plan, 'nodes'>, providers: ProviderConfig): Finding[] {
  return [...modelCalls(plan)].flatMap(([name, nodes]) => {
    const found = resolveModel(name, providers);
    if (found === null) return [];
    const { provider, model, host, isLocal } = found;
    const where = isLocal ? 'on this machine' : `at \`${host}\`: it leaves this machine`;
    return finding({
      rule: 'SENDS_TO_MODEL',
      severity: isLocal ? 'low' : 'medium',
      ...(nodes.length === 1 && nodes[0] !== undefined ? { node: nodes[0] } : {}),
      message: `Its text goes to the model \`${model}\` of the provider \`${provider}\`, ${where}.`,
      evidence: `${name} is ${provider}/${model} now; asked by ${quoteAll(nodes)}`,
      remedy: isLocal
        ? 'Nothing, if it should be this one; the provider page chooses another.'
        : 'Choose a provider on this machine, or read what each prompt sends.',
    });
  });
}
