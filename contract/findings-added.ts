import { finding } from './finding.ts';
import { effectFindings } from './findings.ts';
import type { Finding, Severity } from './objects.ts';
import { deltaLines, type Delta } from './plan-delta.ts';
import { allNodes, type PlanNode } from './plan.ts';

/** What a person should know who is asked for more than was approved: the rules for plans, applied to what is new. */
export function addedRisk(nodes: PlanNode[], delta: Delta): { risk: Severity; findings: Finding[] } {
  const more = finding({
    rule: 'BEYOND_ENVELOPE',
    severity: 'medium',
    message: 'The nodes need more than the plan was approved for.',
    evidence: deltaLines(delta).join('; '),
    remedy: 'Read the nodes; say no if they do not follow from the plan.',
  });
  const findings = [
    more,
    ...effectFindings(
      [...allNodes(nodes)].map(({ node }) => node),
      delta,
    ),
  ];
  return { risk: findings.some(({ severity }) => severity === 'high') ? 'high' : 'medium', findings };
}
