/** What an approver should know about a plan before deciding: rules over the plan and over facts of this instance. Pure. */
import type { Envelope } from '../envelope.ts';
import { canonicalJson } from '../canonical.ts';
import { missingSentence, type Fence } from '../fence-parts.ts';
import { finding, quoteAll } from './finding.ts';
import { flowFindingsOf } from './flow.ts';
import { agentFindings, callFindings } from './agent.ts';
import { commandTextFindings } from './commands.ts';
import { commandFindings, grantedCommandFindings } from './executes.ts';
import { dangerFindings } from './danger.ts';
import { writtenFindings } from './danger-written.ts';
import { grantedFindings } from './granted.ts';
import { networkFindings, type NetworkFacts } from './network.ts';
import { textFindings } from './text.ts';
import { toolFindings, type ToolFacts } from './tools.ts';
import { modelFindings } from '../model-calls.ts';
import { usesWorkspace } from '../nodes/index.ts';
import { SEVERITIES, type Finding, type Severity } from '../objects.ts';
import { byWeight } from './order.ts';
import { priorityFindings } from './priority.ts';
import { providerFindings } from './provider.ts';
import { scopeFindings } from './scope.ts';
import { allNodes, kindsOf, type Plan, type PlanNode } from '../plan.ts';
import type { ProviderConfig } from '../provider.ts';
import type { Removed } from '../sanitise.ts';

export type PlanFacts = {
  /** What the worker says of its sandbox; null while no worker has said anything. */
  fence: Fence | null;
  providers: ProviderConfig;
  /** The repository has changes that are in no commit. */
  is_repo_dirty: boolean;
  /** Names of inputs that have a value. */
  bound: string[];
  /** What was taken out of the text of the plan. */
  removed?: Removed[];
} & NetworkFacts &
  ToolFacts;

const PER_RULE = 50;
const UNFENCED = ['none', 'unfenced'];
/** Whether the sandbox is known not to hold. */
export function isUnfenced(fence: Fence | null): boolean {
  return fence === null || !fence.ok || UNFENCED.includes(fence.kind);
}

/** Whether it uses the repository and the fence: itself, or what it may add and delegate. */
export function touchesFiles({ nodes, envelope }: Pick<Plan, 'nodes' | 'envelope'>): boolean {
  const kinds: string[] = [...[...allNodes(nodes)].flatMap(({ node }) => kindsOf(node)), ...(envelope?.kinds ?? [])];
  return kinds.some(usesWorkspace);
}

export function riskOf(findings: Finding[]): Severity {
  return SEVERITIES[Math.max(0, ...findings.map((finding) => SEVERITIES.indexOf(finding.severity)))] ?? 'low';
}

function writeFindings(envelope: Pick<Envelope, 'paths'>): Finding[] {
  const paths = envelope.paths.write;
  if (paths.length === 0) return [];
  const found = [
    finding({
      rule: 'WRITES_FILES',
      severity: 'medium',
      message: 'It changes files in its private clone; the result is a branch.',
      evidence: paths.includes('**') ? 'every file of the workspace' : quoteAll(paths),
      remedy: 'Read the branch before you merge it.',
    }),
  ];
  if (paths.some((path) => path === '**' || path === '/**'))
    found.push(
      finding({
        rule: 'WIDE_WRITE',
        severity: 'high',
        message: 'It may write every file of the workspace.',
        evidence: '`**` in `envelope.paths.write`',
        remedy: 'Name the folders that a process writes in its `write`, or state `envelope.paths.write`.',
      }),
    );
  return found;
}

function inputFindings(plan: Plan, facts: PlanFacts): Finding[] {
  return Object.entries(plan.inputs).flatMap(([name, input]) => {
    if (input.open)
      return finding({
        rule: 'OPEN_INPUT',
        severity: 'medium',
        message: `The input \`${name}\` is given by whoever starts a run.`,
        evidence: canonicalJson(input.schema),
        remedy: 'Narrow its schema, or bind it at the approval (`open: false`).',
      });
    if (facts.bound.includes(name)) return [];
    return finding({
      rule: 'INPUT_UNBOUND',
      severity: 'low',
      message: `The input \`${name}\` has no value yet.`,
      evidence: canonicalJson(input.schema),
      remedy: 'Give it with the approval: `inputs`.',
    });
  });
}

function sandboxFindings(plan: Plan, facts: PlanFacts): Finding[] {
  if (!touchesFiles(plan)) return [];
  const found: Finding[] = [];
  if (isUnfenced(facts.fence))
    found.push(
      finding({
        rule: 'NO_SANDBOX',
        severity: 'high',
        message: 'Its processes would run without a sandbox, or be refused.',
        evidence: facts.fence === null ? 'no worker has reported its sandbox' : `${facts.fence.kind}: ${facts.fence.detail}`,
        remedy: 'Install bubblewrap (bwrap) and start again; /ready shows the sandbox.',
      }),
    );
  else if (facts.fence?.missing !== undefined && facts.fence.missing.length > 0)
    found.push(
      finding({
        rule: 'FENCE_INCOMPLETE',
        severity: 'low',
        message: 'The sandbox of this machine does not limit everything that it could.',
        evidence: missingSentence(facts.fence.missing),
        remedy: 'Provide what is missing, or demand it: `fence_required` (PUT /ops/config) refuses runs without it.',
      }),
    );
  if (facts.is_repo_dirty)
    found.push(
      finding({
        rule: 'REPO_DIRTY',
        severity: 'low',
        message: 'The repository has changes that are in no commit; the run will not see them.',
        evidence: 'git status is not clean',
        remedy: 'Commit them first if they matter.',
      }),
    );
  return found;
}

function growthFindings(nodes: PlanNode[]): Finding[] {
  return nodes
    .filter((node) => node.kind === 'subplan')
    .map((node) =>
      finding({
        rule: 'ADDS_NODES',
        severity: 'medium',
        node: node.id,
        message: 'It may add nodes while it runs. Inside the envelope they run without a question; for more, a person is asked.',
        evidence: node.with.from,
        remedy: 'State an envelope that is no wider than what the added nodes may do.',
      }),
    );
}

const NO_FACTS: NetworkFacts = { env_present: null, local_hosts: [], node_secrets: {}, webhooks: {} };

/** What nodes do beyond an envelope, by the rules that need no facts of this instance; medium and high only. */
export function effectFindings(nodes: PlanNode[], grants: Pick<Envelope, 'commands' | 'paths' | 'hosts' | 'requests'>): Finding[] {
  const found = [
    ...grantedCommandFindings(nodes, grants),
    ...writeFindings(grants),
    ...limit(nodes.flatMap(commandTextFindings)),
    ...limit(networkFindings(nodes, grants, NO_FACTS)),
  ];
  return found.filter(({ severity }) => severity !== 'low');
}

/** In: a valid plan with its envelope, and the facts. Out: the findings, worst first and within one severity by how much they matter, each with evidence and remedy. */
export function findingsOf(plan: Plan, envelope: Envelope, facts: PlanFacts): Finding[] {
  const nodes = [...allNodes(plan.nodes)].map(({ node }) => node);
  const found = [
    ...limit(dangerFindings(nodes)),
    ...writtenFindings(plan),
    ...limit(grantedFindings(plan, envelope)),
    ...scopeFindings(envelope),
    ...commandFindings(nodes, envelope),
    ...writeFindings(envelope),
    ...limit(nodes.flatMap(commandTextFindings)),
    ...limit(networkFindings(nodes, envelope, facts)),
    ...limit([...growthFindings(nodes), ...callFindings(plan, envelope), ...agentFindings(nodes)]),
    ...limit(flowFindingsOf(plan, envelope)),
    ...inputFindings(plan, facts),
    ...priorityFindings(plan),
    ...textFindings(plan, envelope, facts.removed ?? []),
    ...sandboxFindings(plan, facts),
    ...limit(toolFindings(nodes, facts)),
    ...limit(providerFindings(nodes, facts)),
    ...limit(modelFindings(plan, facts.providers)),
  ];
  return found.toSorted(byWeight);
}

/** The first of each rule; the last of them says how many more there are. */
export function limit(findings: Finding[]): Finding[] {
  const counts = new Map<string, number>();
  return findings.filter((item) => {
    const count = (counts.get(item.rule) ?? 0) + 1;
    counts.set(item.rule, count);
    return count <= PER_RULE;
  });
}
