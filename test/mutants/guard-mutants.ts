/** Breaks of what holds agents, fenced programs and foreign text inside of what a person approved. */
import type { Mutant } from './mutant.ts';

export const GUARD_MUTANTS: readonly Mutant[] = [
  {
    promise: 'G3',
    says: 'foreign text decides whether a person is asked, and the packet is silent',
    file: 'contract/findings-condition.ts',
    old: "return isUntrusted(label) ? { node, from: label.untrusted_from ?? 'outside', reads: [...reads.nodes] } : null;",
    new: 'return null;',
    test: 'contract/findings-condition.test.ts',
    name: 'decides whether a person is asked at all',
  },
  {
    promise: 'G3',
    says: 'a fenced program reaches hosts that its node does not name',
    file: 'activities/net/egress-rules.ts',
    old: 'if (!words.some((word) => hosts.includes(word))) throw refused(`\\`${hostname}:${port}\\` is not among the hosts of this node`);',
    new: '',
    test: 'activities/net/egress-proxy.test.ts',
    name: 'does not lead to another host',
  },
  {
    promise: 'G3',
    says: 'an agent has tools that its node does not state',
    file: 'contract/agent-calls.ts',
    old: '...(tools.commands.length > 0 ? [commandTool(tools)] : []),',
    new: '...[commandTool(tools)],',
    test: 'contract/agent-calls.test.ts',
    name: 'are those that its node states and no others',
  },
  {
    promise: 'G3',
    says: 'an agent may do all that its plan may',
    file: 'workflows/agent-grant.ts',
    old: 'const own = { ...scope.run.envelope, ...lists, paths: { read, write }, kinds: growthOf(node)?.kinds ?? [] };',
    new: 'const own = { ...lists, paths: { read, write }, kinds: growthOf(node)?.kinds ?? [], ...scope.run.envelope };',
    test: 'workflows/agent-grant.test.ts',
    name: 'is less than the plan',
  },
  {
    promise: 'G3',
    says: 'what an agent adds to a run counts for nothing',
    file: 'contract/plan-envelope.ts',
    old: 'return nodes.reduce((sum, node) => sum + own(node) + inside(node) + (growthOf(node)?.nodes ?? 0), 0);',
    new: 'return nodes.reduce((sum, node) => sum + own(node) + inside(node), 0);',
    test: 'contract/agent-calls.test.ts',
    name: 'has an envelope that holds what its tools are',
  },
];
