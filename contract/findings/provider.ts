/** What an approver should know about the models that a plan calls. Pure. */
import { finding, quoteAll } from './finding.ts';
import type { Finding } from '../objects.ts';
import type { NodeOf, PlanNode } from '../plan.ts';
import { ENV_REF, findProvider, PROVIDER_TYPES, type Provider, type ProviderConfig } from '../provider.ts';

type ProviderFacts = { providers: ProviderConfig; env_present: string[] | null };

function providerFinding(node: NodeOf<'llm'> | NodeOf<'agent'>, facts: ProviderFacts): Finding | null {
  const base = { severity: 'low', node: node.id, remedy: 'Set it before the run: PUT /ops/provider, or the provider page.' } as const;
  let found: { name: string; provider: Provider };
  try {
    found = findProvider(facts.providers, node.with.provider);
  } catch {
    // A name that the plan chose is a mistake of whoever wrote it; `auto` only waits for somebody to configure one.
    const severity = node.with.provider === 'auto' ? 'low' : 'medium';
    const known = Object.keys(facts.providers.providers);
    const message = `There is no provider \`${node.with.provider}\`${known.length === 0 ? '' : `, only ${quoteAll(known)}`}; a run would end at its start.`;
    return finding({ ...base, severity, rule: 'PROVIDER_NOT_CONFIGURED', message, evidence: `provider: ${node.with.provider}` });
  }
  const { name, provider } = found;
  const row = PROVIDER_TYPES[provider.type];
  if (row.protocol === 'none')
    return finding({ ...base, rule: 'PROVIDER_NO_ADAPTER', message: row.missing ?? '', evidence: `${name}: ${provider.type}` });
  const variable = provider.api_key === null ? null : (ENV_REF.exec(provider.api_key)?.[1] ?? null);
  if (variable === null || facts.env_present === null || facts.env_present.includes(variable)) return null;
  const message = `The provider \`${name}\` needs the variable ${variable}, which is not set; a run would end at its start.`;
  return finding({ ...base, rule: 'ENV_UNSET', message, evidence: `\${${variable}}`, remedy: `Set ${variable} and start again.` });
}

export function providerFindings(nodes: PlanNode[], facts: ProviderFacts): Finding[] {
  return nodes.flatMap((node) => (node.kind === 'llm' || node.kind === 'agent' ? (providerFinding(node, facts) ?? []) : []));
}
