/** What a plan is approved for beside itself: the repository and its commit, and what the tools of its envelope are now. */
import type { Preconditions } from '#contract/decision.ts';
import { wordCovers } from '#contract/pattern.ts';
import { webhookTool } from '#contract/nodes/notify.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import type { Plan } from '#contract/plan.ts';
import { webhookHash, type Webhook } from '#contract/webhooks.ts';
import type { Core } from '../deps.ts';
import { toolPins } from './mcp-servers.ts';

const ALL = 1000;

/** With `isFresh` git is asked now. Throws: REPO_REFUSED when the plan touches files and there is no repository with a commit. */
export async function preconditionsOf(core: Core, plan: Plan, options: { isFresh?: boolean } = {}): Promise<Preconditions> {
  const repo = await core.repo.preconditions(plan, options);
  const patterns = envelopeOf(plan).tools;
  if (patterns.length === 0) return repo;
  return { ...repo, tools: { ...(await webhookHashes(core, patterns)), ...(await toolPins(core, plan)) } };
}

async function webhookHashes(core: Core, patterns: string[]): Promise<Record<string, string>> {
  const { records } = await core.gics.list<Webhook>('webhooks', { limit: ALL });
  const tools = records.map(({ value }) => [webhookTool(value.name), webhookHash(value)] as const);
  return Object.fromEntries(tools.filter(([name]) => patterns.some((pattern) => wordCovers(pattern, name))));
}
