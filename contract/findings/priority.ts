import { finding } from './finding.ts';
import type { Finding } from '../objects.ts';
import type { Plan } from '../plan.ts';

/** A larger share is taken from all others, so nobody gives it without having seen that. */
export function priorityFindings({ policy }: Pick<Plan, 'policy'>): Finding[] {
  if (policy.priority !== 'high') return [];
  return [
    finding({
      rule: 'HIGH_PRIORITY',
      severity: 'medium',
      message: 'While there is more to do than workers can do at once, its runs get four times the share of others.',
      evidence: '`policy.priority: high`',
      remedy: 'Leave `policy.priority` out; a person may raise the priority of a run that is urgent.',
    }),
  ];
}
