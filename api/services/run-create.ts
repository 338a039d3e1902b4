/** A new run: allowed by an approved artifact, counted against it, and handed to Temporal through the outbox. */
import { errorCode, GimoError } from '#contract/errors.ts';
import { requireParts } from '#contract/fence-parts.ts';
import { touchesFiles } from '#contract/findings/findings.ts';
import type { ForkedFrom } from '#contract/fork.ts';
import type { GicsOp } from '#contract/gics.ts';
import { ID_PATTERNS } from '#contract/ids.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { OutboxRow } from '#contract/messages.ts';
import { inputsHash } from '#contract/run-start.ts';
import type { Approved, Draft, Run, RunRecord } from '#contract/objects.ts';
import { newRunRecord } from '#contract/run-record.ts';
import type { Priority } from '#contract/priority.ts';
import { allNodes, type Plan } from '#contract/plan.ts';
import { ENV_REF, findProvider, PROVIDER_TYPES } from '#contract/provider.ts';
import { mayDelegate } from '#contract/segment-size.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, commit } from './commit.ts';
import { deliverSoon } from './delivery.ts';
import { signRunStart } from './decisions.ts';
import { newId } from './ids.ts';
import { requireInputs } from './inputs.ts';
import { baseUrl } from './pages.ts';
import { plannedPriority, requirePriority } from './run-priority.ts';
import { showRun } from './run-view.ts';
import { readOpsConfig, readPresence, readProviders } from './settings.ts';

const RACES = 20;

type StartRow = Extract<OutboxRow, { kind: 'start' }>;
export type NewRun = { record: RunRecord; row: StartRow; ops: GicsOp[] };
/** Where a fork comes from, and the blob of what it takes over. */
export type Origin = { forked_from: ForkedFrom; reuse_ref: string };

/** The run and the steps that store it and its signed start. */
export function newRun(
  core: Core,
  call: Call,
  approved: Approved,
  { inputs, origin, priority = plannedPriority(approved) }: Given,
): NewRun {
  const id = newId('run');
  const now = new Date().toISOString();
  const by = call.actor.label;
  const start = signRunStart(core, {
    run_id: id,
    approved_id: approved.id,
    approval_hash: approved.hash,
    inputs_hash: inputsHash(inputs),
    reuse_ref: origin?.reuse_ref ?? null,
    by,
    at: now,
  });
  const { title, nodes } = approved.plan;
  const given = { id, approved_id: approved.id, title, created_at: now, created_by: by, inputs, priority, start, ...origin };
  const record = newRunRecord(given, nodes.length);
  const row: StartRow = {
    kind: 'start',
    run_id: id,
    created_at: now,
    input: { run_id: id, approved_id: approved.id },
    title,
    max_nodes: approved.envelope.max_nodes,
    delegates: mayDelegate(approved.envelope),
    priority,
  };
  const ops: GicsOp[] = [
    { op: 'put', collection: 'runs', id, value: asJson(record), rev: 0 },
    { op: 'put', collection: 'outbox', id, value: asJson(row), rev: 0 },
  ];
  return { record, row, ops };
}

export async function deliverStart(core: Core, run: NewRun): Promise<void> {
  await deliverSoon(core, run.record.id, run.row);
}

/** Throws: PROVIDER_NOT_CONFIGURED, ENV_UNSET, SANDBOX_MISSING, FENCE_INCOMPLETE, each naming what to set. */
export async function checkRunnable(core: Core, plan: Plan): Promise<void> {
  const [presence, providers] = await Promise.all([readPresence(core), readProviders(core)]);
  if (touchesFiles(plan) && presence !== null && !presence.fence.ok && !core.config.isUnfenced) throw new GimoError('SANDBOX_MISSING');
  if (touchesFiles(plan)) requireParts((await readOpsConfig(core)).fence_required, presence?.fence.missing ?? []);
  const wanted = new Set(
    [...allNodes(plan.nodes)].flatMap(({ node }) => (node.kind === 'llm' || node.kind === 'agent' ? node.with.provider : [])),
  );
  for (const name of wanted) {
    const { provider, name: found } = requireProvider(providers, name);
    const variable = provider.api_key === null ? null : (ENV_REF.exec(provider.api_key)?.[1] ?? null);
    if (variable === null || presence === null || presence.env_present.includes(variable)) continue;
    throw new GimoError('ENV_UNSET', {
      message: `The provider \`${found}\` needs the environment variable ${variable}, which is not set.`,
      hint: `Set ${variable} in the environment of \`npm start\` and start again.`,
    });
  }
}

function requireProvider(providers: Parameters<typeof findProvider>[0], name: string): ReturnType<typeof findProvider> {
  try {
    const found = findProvider(providers, name);
    const { missing } = PROVIDER_TYPES[found.provider.type];
    if (missing === null) return found;
    throw new GimoError('PROVIDER_NOT_CONFIGURED', { message: missing });
  } catch (error) {
    if (errorCode(error) !== 'PROVIDER_UNKNOWN') throw error;
    const known = Object.keys(providers.providers).join(', ');
    throw new GimoError('PROVIDER_NOT_CONFIGURED', {
      message: `No provider is configured under the name \`${name}\`.`,
      hint: `Add it with PUT /ops/provider, or approve a plan that uses one of: ${known}.`,
      cause: error,
    });
  }
}

function requireUsable(approved: Approved): void {
  if (approved.revoked_at !== null) throw new GimoError('APPROVAL_REVOKED');
  if (approved.expires_at <= new Date().toISOString())
    throw new GimoError('APPROVAL_EXPIRED', { message: `The approval expired at ${approved.expires_at}.` });
  if (approved.runs_started >= approved.max_runs) {
    const times = approved.max_runs === 1 ? 'one run' : `${approved.max_runs} runs`;
    throw new GimoError('MAX_RUNS_SPENT', { message: `This approval allows ${times}, and that many were started.` });
  }
}

/** What is to be done before a run of it, and who does it. */
async function draftRefusal(core: Core, id: string): Promise<GimoError> {
  const draft = (await core.gics.get<Pick<Draft, 'status' | 'approved_id'>>('drafts', id))?.value;
  if (draft === undefined) return new GimoError('DRAFT_NOT_RUNNABLE');
  const hints: Record<Draft['status'], string> = {
    draft: `A person reads and approves it at ${baseUrl(core)}/plans/${id}, or with \`gimo drafts approve ${id}\`; then start a run from the approved artifact (a_…).`,
    approved: `It was approved as ${draft.approved_id}: start a run from that.`,
    rejected: 'It was rejected: read the comment and make another draft.',
    error: 'It has no plan: read its error and make another draft.',
  };
  return new GimoError('DRAFT_NOT_RUNNABLE', { hint: hints[draft.status] });
}

async function requireApprovedId(core: Core, id: string): Promise<void> {
  if (ID_PATTERNS.draft.test(id)) throw await draftRefusal(core, id);
  if (ID_PATTERNS.approved.test(id)) return;
  const faults = [{ node: null, path: 'body.approved_id', code: 'FORMAT', message: 'must look like a_<26 characters>' }];
  throw new GimoError('BAD_REQUEST', { message: 'The request is not valid: body.approved_id must look like a_<26 characters>.', faults });
}

type RunRequest = { approved_id: string; inputs?: Record<string, Json>; priority?: Priority };

/**
 * Starts a run. Out: the run as it was stored. Waits: ≤ 1 s for the delivery of the start.
 * Throws: DRAFT_NOT_RUNNABLE, NOT_FOUND, APPROVAL_REVOKED, APPROVAL_EXPIRED, MAX_RUNS_SPENT, INPUTS_INVALID, FORBIDDEN, and those of checkRunnable.
 */
export async function createRun(core: Core, call: Call, request: RunRequest): Promise<Run> {
  await requireApprovedId(core, request.approved_id);
  const { inputs: given = {}, priority } = request;
  return startRun(core, call, request.approved_id, async (approved) => {
    const inputs = await requireInputs(core, { inputs: approved.plan.inputs, bound: approved.inputs, given, at: 'run' });
    if (priority !== undefined) requirePriority(call, approved, priority);
    return { inputs, origin: null, ...(priority === undefined ? {} : { priority }) };
  });
}

/** Without a priority: that of the plan. */
type Given = { inputs: Record<string, Json>; origin: Origin | null; priority?: Priority };

/**
 * Counts a run against its approval, stores it and hands it over. In: what says what the run is given, asked again when another run
 * was counted first. Waits: ≤ 1 s for the delivery of the start. Throws: as createRun, and what `give` throws.
 */
export async function startRun(core: Core, call: Call, id: string, give: (approved: Approved) => Promise<Given>): Promise<Run> {
  const run = await core.locks.run(`approved/${id}`, () => storeRun(core, call, id, give));
  await deliverStart(core, run);
  return showRun(core, run.record);
}

/** Counts and stores in one transaction; another process may count at the same time, then it tries again. */
async function storeRun(core: Core, call: Call, id: string, give: (approved: Approved) => Promise<Given>): Promise<NewRun> {
  for (let race = 0; ; race++) {
    const found = await core.gics.get<Approved>('approved', id);
    if (found === null) throw new GimoError('NOT_FOUND', { message: `There is no approved artifact ${id}.` });
    const { value: approved, rev } = found;
    requireUsable(approved);
    await checkRunnable(core, approved.plan);
    const given = await give(approved);
    const { origin } = given;
    const run = newRun(core, call, approved, given);
    const count: GicsOp = { op: 'patch', collection: 'approved', id, set: { runs_started: approved.runs_started + 1 }, rev };
    const answer = { status: 201, body: showRun(core, run.record) };
    const from: JsonObject = origin === null ? {} : { forked_from: origin.forked_from };
    try {
      await commit(core, call, {
        ops: [count, ...run.ops],
        object: run.record.id,
        hash: approved.hash,
        detail: { approved_id: id, ...from },
        answer,
      });
      return run;
    } catch (error) {
      if (errorCode(error) !== 'GICS_CONFLICT' || race >= RACES) throw error;
    }
  }
}
