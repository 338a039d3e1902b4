import { finding } from './finding.ts';
import { effectFindings, limit } from './findings.ts';
import { dangerFindings } from './danger.ts';
import { byWeight } from './order.ts';
import type { Finding, Severity } from '../objects.ts';
import { deltaLines, type Delta } from '../plan-delta.ts';
import { allNodes, type PlanNode } from '../plan.ts';

/**
 * What a person should know who is asked for more than was approved: the rules for plans, applied to what is new. `hasDangers`: without
 * them it is what runs said that began before there were any, whose gates are known by it.
 */
export function addedRisk(nodes: PlanNode[], delta: Delta, hasDangers = true): { risk: Severity; findings: Finding[] } {
  const more = finding({
    rule: 'BEYOND_ENVELOPE',
    severity: 'medium',
    message: 'The nodes need more than the plan was approved for.',
    evidence: deltaLines(delta).join('; '),
    remedy: 'Read the nodes; say no if they do not follow from the plan.',
  });
  const all = [...allNodes(nodes)].map(({ node }) => node);
  const known = [more, ...effectFindings(all, delta)];
  const findings = hasDangers ? [...limit(dangerFindings(all)), ...known].toSorted(byWeight) : known;
  return { risk: findings.some(({ severity }) => severity === 'high') ? 'high' : 'medium', findings };
}
