/** What an approver should know about models that work with tools. */
import type { Envelope } from '../envelope.ts';
import { commandsBeyond, isWideCommand } from './executes.ts';
import { finding, quoteAll } from './finding.ts';
import { callersOf, mayAct } from './granted.ts';
import type { Finding, Severity } from '../objects.ts';
import { allNodes, growthOf, type Plan, type PlanNode } from '../plan.ts';
import { plannedEffects } from '../plan-envelope.ts';
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

/** Of a run that may delegate: an agent of the registry adds a node by a call of its own, at any time while the run goes on. */
export function callFindings(plan: Plan, envelope: Envelope): Finding[] {
  const callers = callersOf(envelope);
  if (callers.length === 0) return [];
  const { kinds, commands, hosts } = envelope;
  const added = commandsBeyond(
    commands,
    [...allNodes(plan.nodes)].map(({ node }) => plannedEffects(node)),
  );
  const chooses = kinds.includes('process') && (commands.some(isWideCommand) || (hosts.length > 0 && added.length > 0));
  const severity: Severity = chooses ? 'high' : mayAct(envelope) ? 'medium' : 'low';
  const what = chooses ? ' It may choose commands that nobody has read, or let commands reach hosts.' : '';
  return [
    finding({
      rule: 'ADDS_NODES',
      severity,
      message: `An agent (${quoteAll(callers)}) may add nodes while it runs, by a call of its own. Inside the envelope they run without a question; for more, a person is asked.${what}`,
      evidence: `kinds: ${kinds.join(', ')}${chooses ? `; commands: ${quoteAll((added.length > 0 ? added : commands).map((argv) => argv.join(' ')))}` : ''}${hosts.length === 0 ? '' : `; hosts: ${quoteAll(hosts)}`}`,
      remedy: 'Take `delegate` out of `envelope.kinds`, or state an envelope that is no wider than what the agent may do.',
    }),
  ];
}
