/** The packet: all that a decider is shown, and the facts it is made of. */
import { createHash } from 'node:crypto';
import type { Author } from '#contract/approval-rule.ts';
import type { Preconditions, Vote } from '#contract/decision.ts';
import type { PlanFacts } from '#contract/findings/findings.ts';
import { touchesFiles } from '#contract/findings/findings.ts';
import type { Json } from '#contract/json.ts';
import type { Approved, Packet, RunRecord } from '#contract/objects.ts';
import { planFigures } from '#contract/node-figures.ts';
import { allNodes, type Plan } from '#contract/plan.ts';
import { plural } from '#contract/plural.ts';
import type { Removed } from '#contract/sanitise.ts';
import type { Core } from '../deps.ts';
import { readOpsConfig, readPresence, readProviders } from './settings.ts';
import { countApprovers } from './tokens.ts';
import { toolFactsOf } from './mcp-servers.ts';
import { webhooksByName } from './webhooks.ts';

const HISTORY_RUNS = 200;
const BASIS_RUNS = 20;

export type PacketRequest = {
  draftId: string;
  revision: number;
  plan: Plan;
  /** Canonical size of the plan. */
  bytes: number;
  preconditions: Preconditions;
  inputs: Record<string, Json>;
  authors: Author[];
  votes: Vote[];
  removed: Removed[];
};

/** Record that names the last approved version of a title. */
export function latestApprovedId(title: string): string {
  return `latest_approved/${createHash('sha256').update(title).digest('hex')}`;
}

export async function readPlanFacts(core: Core, plan: Plan, bound: string[]): Promise<PlanFacts> {
  const [presence, providers, config, webhooks, tools, isDirty] = await Promise.all([
    readPresence(core),
    readProviders(core),
    readOpsConfig(core),
    webhooksByName(core),
    toolFactsOf(core),
    isRepoDirty(core, plan),
  ]);
  const { local_hosts, node_secrets } = config;
  const { fence = null, env_present = null } = presence ?? {};
  return { fence, env_present, providers, is_repo_dirty: isDirty, bound, local_hosts, node_secrets, webhooks, tools };
}

async function isRepoDirty(core: Core, plan: Plan): Promise<boolean> {
  if (!touchesFiles(plan)) return false;
  try {
    return (await core.repo.facts()).is_dirty;
  } catch {
    return false; // the preconditions say what is wrong with the repository
  }
}

async function previousOf(core: Core, title: string): Promise<{ id: string; plan: Plan } | null> {
  const pointer = await core.gics.get<{ approved_id: string }>('settings', latestApprovedId(title));
  if (pointer === null) return null;
  const approved = await core.gics.get<Approved>('approved', pointer.value.approved_id);
  return approved === null ? null : { id: approved.id, plan: approved.value.plan };
}

function mean(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function estimateOf(core: Core, plan: Plan): Promise<Packet['estimate']> {
  const nodes = [...allNodes(plan.nodes)];
  const { records } = await core.gics.list<RunRecord>('runs', { where: { status: 'done' }, limit: HISTORY_RUNS });
  const runs = records
    .map((record) => record.value)
    .filter((run) => run.title === plan.title)
    .slice(0, BASIS_RUNS);
  const isFree = nodes.every(({ node }) => node.kind !== 'llm' && node.kind !== 'agent');
  const { total } = planFigures(plan);
  if (runs.length === 0) return { nodes: total, cost_usd: isFree ? 0 : null, wall_ms: null, basis: 'no history' };
  const costs = runs.map((run) => run.cost_usd);
  const times = runs.flatMap((run) =>
    run.started_at === null || run.finished_at === null ? [] : [Date.parse(run.finished_at) - Date.parse(run.started_at)],
  );
  const isKnown = costs.every((cost) => cost !== null);
  const basis = `mean of the last ${runs.length === 1 ? 'run' : plural(runs.length, 'run')} of this title`;
  return { nodes: total, cost_usd: isKnown ? mean(costs.map(Number)) : null, wall_ms: mean(times), basis };
}

/** In: what is asked to be approved. Out: the packet as of now. Waits: for GICS and, at worst, git's 5 s. */
export async function makePacket(core: Core, request: PacketRequest): Promise<Packet> {
  const { plan, preconditions, inputs, authors, votes, removed } = request;
  const [known, previous, estimate, people, config] = await Promise.all([
    readPlanFacts(core, plan, Object.keys(inputs)),
    previousOf(core, plan.title),
    estimateOf(core, plan),
    countApprovers(core),
    readOpsConfig(core),
  ]);
  const facts = { ...known, removed };
  const voting = { config: config.approval, people, authors, votes, now: new Date().toISOString() };
  const expiresAt = new Date(Date.now() + plan.policy.expires_s * 1000).toISOString();
  const source = { draft_id: request.draftId, revision: request.revision, plan, preconditions, inputs, facts, previous, estimate, voting };
  return core.pure.run('buildPacket', { ...source, expires_at: expiresAt }, { sizeBytes: request.bytes });
}
