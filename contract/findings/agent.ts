/** What an approver should know about models that work with tools. */
import { finding } from './finding.ts';
import type { Finding } from '../objects.ts';
import { growthOf, type PlanNode } from '../plan.ts';
import { plural } from '../plural.ts';

export function agentFindings(nodes: PlanNode[]): Finding[] {
  return nodes.flatMap((node) => {
    if (node.kind !== 'agent') return [];
    const { tools, max_turns: turns, max_tool_calls: calls } = node.with;
    return finding({
      rule: 'MODEL_CHOOSES',
      severity: 'medium',
      node: node.id,
      message: `Its model chooses what is done, in up to ${plural(turns, 'turn')} and ${plural(calls, 'call')}. It fills in what its tools leave open without a question; for more, and for programs that it chooses itself, a person is asked.`,
      evidence: `${growthOf(node)?.kinds.join(', ')}${tools.write.length === 0 ? '' : `; writes ${tools.write.join(', ')}`}`,
      remedy: 'Give it no tool, command or path that the task does not need.',
    });
  });
}
