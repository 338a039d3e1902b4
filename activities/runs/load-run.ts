import { isDelegated } from '#contract/delegation.ts';
import { errorCode } from '#contract/errors.ts';
import type { Reuse } from '#contract/fork.ts';
import type { Delegation } from '#contract/delegation.ts';
import type { LoadedRun, RunInput } from '#contract/messages.ts';
import type { RunRecord } from '#contract/objects.ts';
import { runStartFault } from '#contract/run-start.ts';
import { secretNames } from '#contract/nodes/http.ts';
import { usesWorkspace } from '#contract/nodes/index.ts';
import { hostPattern } from '#contract/http-target.ts';
import { DEFAULT_PRIORITY } from '#contract/priority.ts';
import { segmentEntries } from '#contract/segment-size.ts';
import { allNodes, kindsOf, type PlanNode } from '#contract/plan.ts';
import { findProvider, PROVIDER_TYPES } from '#contract/provider.ts';
import { GimoError } from '#contract/errors.ts';
import { requireParts } from '#contract/fence-parts.ts';
import { resolveEnvRef } from '#platform/env-refs.ts';
import type { Prices } from '#contract/worst-case.ts';
import { priceListOf } from '../providers/prices.ts';
import type { ActivityDeps } from '../deps.ts';
import { audit } from '../effects/audit.ts';
import { missingParts } from '../fence/missing-parts.ts';
import { isInfrastructure, toErrorInfo } from '../failure.ts';
import { loadDelegation } from './delegations.ts';
import { lastEvent } from './events.ts';
import { findWebhook } from '../nodes/notify.ts';
import { checkSecret } from '../net/secrets.ts';
import { readAgentTools } from './agent-tools.ts';
import { readSegment } from './segments.ts';
import { readOpsConfig, readProviders } from './settings.ts';

const CALLING_KINDS = new Set(['llm', 'subplan', 'agent']);

/**
 * The first step of a run: verifies its approval, trusting neither GICS nor whoever started the workflow.
 * Out: what may run, or why nothing may. Throws: only what Temporal should try again.
 */
export async function loadRun(deps: ActivityDeps, input: RunInput): Promise<LoadedRun> {
  try {
    return await verifiedRun(deps, input);
  } catch (error) {
    if (isInfrastructure(error)) throw error;
    const info = toErrorInfo(error, 1);
    await deps.gics.txn([
      audit(
        'run.refused',
        input.run_id,
        { approved_id: input.approved_id, code: info.code, message: info.message },
        `refused/${input.run_id}`,
      ),
    ]);
    return { ok: false, error: info };
  }
}

async function verifiedRun(deps: ActivityDeps, input: RunInput): Promise<LoadedRun> {
  const { approved } = await deps.permits.load(input.approved_id);
  const record = await deps.gics.get<RunRecord>('runs', input.run_id);
  if (!record || record.value.approved_id !== input.approved_id) {
    throw new GimoError('APPROVAL_INVALID', { message: 'No run of this approval was ever asked for: it was not started by the API.' });
  }
  // A delegated run belongs to one that began in time, and the worker made it: what it may do, each effect finds out from the approval.
  const delegation = isDelegated(record.value) ? await requireDelegation(deps, input.run_id) : null;
  const fault = delegation ? null : runStartFault(record.value, approved, (bytes, signatures) => deps.permits.isSigned(bytes, signatures));
  if (fault !== null) throw new GimoError('APPROVAL_INVALID', { message: `The run was not started by the API: ${fault}.` });
  if (record.value.final_ref !== null)
    throw new GimoError('RUN_NOT_ACTIVE', { message: 'The run has ended, and nothing starts it a second time.' });
  const { plan, envelope } = delegation ?? approved;
  const resumed = input.segment ? await readSegment(deps.gics, input.run_id, input.segment) : null;
  if (resumed === null) await checkNeeds(deps, plan.nodes);
  return {
    ok: true,
    plan,
    envelope,
    inputs: record.value.inputs,
    approval_hash: approved.hash,
    preconditions: approved.preconditions,
    key_ring: deps.permits.keyRing(),
    ...(approved.decision.agreement === undefined ? {} : { agreement: approved.decision.agreement }),
    short_effects: deps.config.hasShortEffects,
    writes_with_task: deps.config.hasShortEffects,
    prices: await readPrices(deps, envelope.kinds),
    ...(envelope.kinds.includes('agent') ? { agent_tools: resumed?.agent_tools ?? (await readAgentTools(deps.gics, approved)) } : {}),
    segment_events: deps.config.segmentEvents,
    segment_entries: segmentEntries(resumed?.state.seq ?? 0),
    writes_messages_at_once: true,
    ...(resumed === null ? {} : { resumed }),
    has_labels: true,
    has_whole_commands: true,
    has_read_diffs: true,
    has_lasting_labels: true,
    priority: record.value.priority ?? DEFAULT_PRIORITY,
    last_seq: (await lastEvent(deps.gics, input.run_id))?.seq ?? 0,
    ...(delegation === null ? {} : { delegation: delegatedOf(delegation) }),
    ...(record.value.reuse_ref === undefined ? {} : { reuse: await readReuse(deps, record.value.reuse_ref) }),
  };
}

function delegatedOf({ ancestors, grants, labels }: Delegation): Pick<Delegation, 'ancestors' | 'grants' | 'labels'> {
  return { ancestors, grants, ...(labels === undefined ? {} : { labels }) };
}

async function requireDelegation(deps: ActivityDeps, id: string): Promise<Delegation> {
  const delegation = await loadDelegation(deps.gics, id);
  if (delegation !== null) return delegation;
  throw new GimoError('APPROVAL_INVALID', { message: 'Nothing says who delegated this run, and what.' });
}

/** Of a run that calls no model by itself nothing is kept; nodes that are added to it then have unknown prices. */
async function readPrices(deps: ActivityDeps, kinds: readonly string[]): Promise<Prices> {
  const { active, providers } = await readProviders(deps.gics);
  const needed = kinds.some((kind) => CALLING_KINDS.has(kind)) ? Object.entries(providers) : [];
  return { active, providers: Object.fromEntries(needed.map(([name, provider]) => [name, priceListOf(provider)])) };
}

async function readReuse(deps: ActivityDeps, ref: string): Promise<Reuse> {
  const bytes = await deps.gics.getBlob(ref);
  if (bytes === null) throw new GimoError('BLOB_CORRUPT', { message: 'What the fork takes over is not in the store.' });
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Reuse;
}

/** What would make a node fail for certain ends the run at once, with a sentence that says what to configure. */
async function checkNeeds(deps: ActivityDeps, nodes: Parameters<typeof allNodes>[0]): Promise<void> {
  const kinds = [...allNodes(nodes)].map(({ node }) => node);
  if (kinds.flatMap(kindsOf).some(usesWorkspace)) await checkFence(deps, kinds);
  await checkSecrets(deps, kinds);
  for (const node of kinds)
    if (node.kind === 'notify') resolveEnvRef((await findWebhook(deps.gics, node.with.webhook)).secret_ref, deps.env);
  const calls = kinds.filter((node) => node.kind === 'llm' || node.kind === 'agent');
  if (calls.length === 0) return;
  const providers = await readProviders(deps.gics);
  for (const { id, with: value } of calls) {
    try {
      const { name, provider } = findProvider(providers, value.provider);
      const { missing } = PROVIDER_TYPES[provider.type];
      if (missing !== null) throw new GimoError('PROVIDER_NOT_CONFIGURED', { message: `Node ${id} would call \`${name}\`. ${missing}` });
      if (provider.api_key !== null) resolveEnvRef(provider.api_key, deps.env);
    } catch (error) {
      if (errorCode(error) !== 'PROVIDER_UNKNOWN') throw error;
      throw new GimoError('PROVIDER_NOT_CONFIGURED', {
        message: `Node ${id} names the provider \`${value.provider}\`, which is not configured.`,
        cause: error,
      });
    }
  }
}

async function checkFence(deps: ActivityDeps, nodes: PlanNode[]): Promise<void> {
  if (deps.fence.kind === 'none') throw new GimoError('SANDBOX_MISSING');
  const demanded = (await readOpsConfig(deps.gics)).fence_required;
  if (nodes.some((node) => node.kind === 'process' && hasHosts(node.with.hosts))) demanded.push('egress');
  if (demanded.length > 0) requireParts(demanded, missingParts(deps.fence));
}

const hasHosts = (hosts: string[] | undefined): boolean => hosts !== undefined && hosts.length > 0;

async function checkSecrets(deps: ActivityDeps, nodes: PlanNode[]): Promise<void> {
  const config = await readOpsConfig(deps.gics);
  for (const node of nodes) {
    if (node.kind !== 'http') continue;
    for (const name of secretNames(node.with.secret_headers)) {
      checkSecret(name, hostPattern(node.with.url), config);
      resolveEnvRef(`\${${name}}`, deps.env);
    }
  }
}
