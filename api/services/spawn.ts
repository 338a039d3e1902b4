/** Single programs: each is a plan of one `process` node that goes through the same gate as any other. Nothing is executed here. */
import { errorCode, GimoError } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { Approved, Packet, Receipt, RunRecord } from '#contract/objects.ts';
import type { Plan } from '#contract/plan.ts';
import { spawnPlan, type Spawn, type SpawnRecord, type SpawnRequest } from '#contract/spawn.ts';
import type { Call, Core } from '../deps.ts';
import { defaultsOf } from '../pure/bind-inputs.ts';
import { storeApproval } from './approve.ts';
import { asJson, commit } from './commit.ts';
import { newDraft, packetOf, type PageRequest, type StoredDraft } from './drafts.ts';
import { newId } from './ids.ts';
import { makePacket } from './packet.ts';
import { preconditionsOf } from './preconditions.ts';
import { requireValidPlan } from './plans.ts';
import { cancelRun } from './run-commands.ts';
import { checkRunnable } from './run-create.ts';
import { readOpsConfig } from './settings.ts';
import { grantedBy } from './standing-grants.ts';

/** Others may use up a grant at the same moment; then the next that covers it is asked. */
const RACES = 5;

type Draft = { draft: StoredDraft; packet: Packet };
type Traces = { draft: StoredDraft | null; approved: Approved | null; run: RunRecord | null };

/** Throws: BAD_REQUEST. */
async function requireTime(core: Core, { timeout_seconds: asked }: SpawnRequest): Promise<void> {
  const { max_spawn_seconds: most } = await readOpsConfig(core);
  if (asked <= most) return;
  const message = `must be at most ${most}`;
  throw new GimoError('BAD_REQUEST', {
    message: `The request is not valid: body.timeout_seconds ${message}.`,
    hint: 'Ask for less, or have an admin set `max_spawn_seconds` (PUT /ops/config).',
    faults: [{ node: null, path: 'body.timeout_seconds', code: 'RANGE', message }],
  });
}

/** The draft, not stored yet, and what a decider would be shown of it. Throws: PLAN_INVALID, REPO_REFUSED, SANDBOX_MISSING. */
async function draftOf(core: Core, call: Call, request: SpawnRequest): Promise<Draft> {
  const plan = JSON.parse(JSON.stringify(spawnPlan(request)));
  const checked = await requireValidPlan(core, plan, JSON.stringify(plan).length);
  await checkRunnable(core, checked.plan);
  const content = { prompt: checked.plan.title, checked, isPromptPlan: false, context: { source: 'spawn' }, provider: null, error: null };
  const draft = newDraft(call, content);
  return { draft, packet: await packetFor(core, draft, checked.plan) };
}

async function packetFor(core: Core, draft: StoredDraft, plan: Plan): Promise<Packet> {
  const preconditions = await preconditionsOf(core, plan, { isFresh: true });
  return makePacket(core, { ...packetOf(draft, plan), preconditions, inputs: defaultsOf(plan.inputs) });
}

function recordOf(request: SpawnRequest, draft: StoredDraft, refusal: string | null): SpawnRecord {
  const { grant_id: _grant, ...asked } = request;
  return { ...asked, id: newId('spawn'), draft_id: draft.id, created_at: draft.created_at, created_by: draft.created_by, refusal };
}

const putOf = (record: SpawnRecord): GicsOp => ({ op: 'put', collection: 'spawns', id: record.id, value: asJson(record), rev: 0 });

/**
 * Asks for a program. A standing grant that covers it approves and starts it in one transaction with its record; where none does, a draft
 * waits for a person, and its status says why. Waits: ≤ 1 s for the delivery of the start.
 * Throws: BAD_REQUEST, NOT_FOUND, PLAN_INVALID, REPO_REFUSED, SANDBOX_MISSING, CONFLICT.
 */
export async function createSpawn(core: Core, call: Call, request: SpawnRequest): Promise<Spawn> {
  await requireTime(core, request);
  for (let race = 0; ; race++) {
    const made = await draftOf(core, call, request);
    try {
      return await approveAtOnce(core, call, request, made);
    } catch (error) {
      if (errorCode(error) === 'GRANT_REFUSED') return storePending(core, call, recordOf(request, made.draft, sentence(error)), made);
      if (errorCode(error) !== 'CONFLICT' || race >= RACES) throw error;
    }
  }
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : 'No standing grant covers it.');

async function approveAtOnce(core: Core, call: Call, request: SpawnRequest, { draft, packet }: Draft): Promise<Spawn> {
  const yes = await grantedBy(core, call, { draftId: draft.id, grantId: request.grant_id, packet });
  const record = recordOf(request, draft, null);
  let spawn = viewOf(record, { draft, approved: null, run: null });
  await storeApproval(core, call, {
    draft,
    rev: 0,
    packet,
    decision: yes.decision,
    isShown: false,
    isRun: true,
    more: [...yes.more, putOf(record)],
    answerOf: ({ approved, run }) => {
      spawn = { ...spawn, status: run?.status ?? 'approved', why: '', approved_id: approved.id, run_id: run?.id ?? null };
      return { status: 202, body: spawn };
    },
  });
  return spawn;
}

async function storePending(core: Core, call: Call, record: SpawnRecord, { draft, packet }: Draft): Promise<Spawn> {
  const spawn = viewOf(record, { draft, approved: null, run: null });
  const ops: GicsOp[] = [{ op: 'put', collection: 'drafts', id: draft.id, value: asJson(draft), rev: 0 }, putOf(record)];
  const detail = { draft_id: draft.id, command: [record.command, ...record.args].join(' ').slice(0, 500) };
  await commit(core, call, { ops, object: record.id, hash: packet.hash, detail, answer: { status: 202, body: spawn } });
  return spawn;
}

/** Throws: NOT_FOUND. */
async function loadSpawn(core: Core, id: string): Promise<SpawnRecord> {
  const found = await core.gics.get<SpawnRecord>('spawns', id);
  if (found === null) throw new GimoError('NOT_FOUND', { message: `There is no spawn ${id}.` });
  return found.value;
}

export async function readSpawn(core: Core, id: string): Promise<Spawn> {
  const record = await loadSpawn(core, id);
  return viewOf(record, await tracesOf(core, record));
}

export async function listSpawns(core: Core, page: PageRequest): Promise<{ spawns: Spawn[]; next: string | null }> {
  const { records, cursor } = await core.gics.list<SpawnRecord>('spawns', page);
  const spawns = await Promise.all(records.map(async ({ value }) => viewOf(value, await tracesOf(core, value))));
  return { spawns, next: cursor };
}

/**
 * Stops the run of a spawn. Out: the receipt, as of a stop of that run. Waits: ≤ 5 s.
 * Throws: NOT_FOUND, ALREADY_CANCELLED; RUN_NOT_ACTIVE when nothing was started.
 */
export async function killSpawn(core: Core, call: Call, id: string): Promise<Receipt> {
  const record = await loadSpawn(core, id);
  const { run } = await tracesOf(core, record);
  if (run !== null) return cancelRun(core, call, run.id);
  throw new GimoError('RUN_NOT_ACTIVE', {
    message: 'Nothing of it was started.',
    hint: `Whoever may decide its draft ${record.draft_id} can reject it.`,
  });
}

/** What came of a spawn, whoever approved it and whenever. */
async function tracesOf({ gics }: Core, { draft_id }: SpawnRecord): Promise<Traces> {
  const draft = (await gics.get<StoredDraft>('drafts', draft_id))?.value ?? null;
  const approvedId = draft?.approved_id ?? null;
  if (approvedId === null) return { draft, approved: null, run: null };
  const [approved, runs] = await Promise.all([
    gics.get<Approved>('approved', approvedId),
    gics.list<RunRecord>('runs', { where: { approved_id: approvedId }, order: 'asc', limit: 1 }),
  ]);
  return { draft, approved: approved?.value ?? null, run: runs.records[0]?.value ?? null };
}

function viewOf({ id, refusal, ...record }: SpawnRecord, { draft, approved, run }: Traces): Spawn {
  const status = run?.status ?? (approved !== null ? 'approved' : draft?.status === 'draft' ? 'draft' : 'rejected');
  const { exit_code: exitCode } = { exit_code: null, ...run?.outputs };
  return {
    ...record,
    spawn_id: id,
    status,
    why: whyOf(status, record.draft_id, refusal),
    is_edited: (draft?.revision ?? 1) > 1,
    approved_id: approved?.id ?? null,
    run_id: run?.id ?? null,
    started_at: run?.started_at ?? null,
    finished_at: run?.finished_at ?? null,
    exit_code: typeof exitCode === 'number' ? exitCode : null,
    error: run?.error ?? null,
  };
}

function whyOf(status: Spawn['status'], draftId: string, refusal: string | null): string {
  if (status === 'draft') return `It waits for a person who approves ${draftId}. ${refusal ?? ''}`.trimEnd();
  return status === 'approved' ? 'A person has approved it; a run of it may be started (POST /ops/runs).' : '';
}
