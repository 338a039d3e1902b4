import { hashOf } from '#contract/canonical.ts';
import { errorCode, GimoError } from '#contract/errors.ts';
import type { GicsRecord } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { withoutInvisible } from '#contract/invisible.ts';
import type { Draft, Packet } from '#contract/objects.ts';
import type { Plan } from '#contract/plan.ts';
import type { ErrorInfo } from '#contract/run-state.ts';
import { findProvider } from '#contract/provider.ts';
import type { Removed } from '#contract/sanitise.ts';
import type { Call, Core } from '../deps.ts';
import { defaultsOf } from '../pure/bind-inputs.ts';
import { authorOf, withAuthor } from './authors.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import { newId } from './ids.ts';
import { makePacket, type PacketRequest } from './packet.ts';
import { preconditionsOf } from './preconditions.ts';
import { readProviders } from './settings.ts';
import { promptPlan, requireValidPlan, type CheckedPlan } from './plans.ts';

/** A draft in GICS: its hash depends on the repository and is computed when it is read. */
export type StoredDraft = Omit<Draft, 'hash'> & {
  /** The plan was made of the prompt alone, and follows it. */
  is_prompt_plan: boolean;
  /** Canonical size of the plan. */
  plan_bytes: number;
  /** The inputs that the first of several people bound; null while nobody has agreed. */
  vote_inputs: Record<string, Json> | null;
  /** What could not be seen in its text, and was taken out. */
  removed: Removed[];
};
export type DraftRecord = GicsRecord<StoredDraft>;

const KNOWN_HASHES = 2000;
const hashes = new WeakMap<Core, Map<string, string>>();

/** Throws: NOT_FOUND. */
export async function loadDraft(core: Core, id: string): Promise<DraftRecord> {
  const record = await core.gics.get<StoredDraft>('drafts', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no draft ${id}.` });
  return { ...record, value: whole(record.value) };
}

/** Drafts of earlier versions say neither who wrote them nor who agreed. */
function whole(stored: StoredDraft): StoredDraft {
  const authors = [{ by: stored.created_by, class: 'human' as const }];
  const earlier = { authors, votes: [], vote_inputs: null, removed: [] };
  return { ...earlier, ...stored };
}

/** The inputs that an approval of it binds when it gives none. */
export function inputsOf({ vote_inputs: bound }: StoredDraft, plan: Plan): Record<string, Json> {
  return bound ?? defaultsOf(plan.inputs);
}

/** The approval hash of what is stored, on the repository as it is; null when it cannot be approved as it is. */
async function draftHash(core: Core, draft: StoredDraft): Promise<string | null> {
  if (draft.plan === null) return null;
  try {
    const preconditions = await preconditionsOf(core, draft.plan);
    const known = hashes.get(core) ?? new Map<string, string>();
    hashes.set(core, known);
    const key = `${draft.id} ${draft.revision} ${draft.votes.length} ${hashOf('gimo.request.v1', preconditions)}`;
    const hash = known.get(key) ?? (await computeHash(core, draft, draft.plan, preconditions));
    if (known.size >= KNOWN_HASHES) known.clear();
    known.set(key, hash);
    return hash;
  } catch (error) {
    if (errorCode(error) === 'REPO_REFUSED') return null;
    throw error;
  }
}

async function computeHash(core: Core, draft: StoredDraft, plan: Plan, preconditions: Packet['preconditions']): Promise<string> {
  const subject = { plan, preconditions, inputs: inputsOf(draft, plan) };
  return (await core.pure.run('hashSubject', subject, { sizeBytes: draft.plan_bytes })).hash;
}

/** The draft as it is shown. */
export async function showDraft(core: Core, stored: StoredDraft): Promise<Draft> {
  const { is_prompt_plan: _isPromptPlan, plan_bytes: _planBytes, vote_inputs: _voteInputs, removed: _removed, ...draft } = stored;
  return { ...draft, hash: await draftHash(core, stored) };
}

export async function getDraft(core: Core, id: string): Promise<Draft> {
  return showDraft(core, (await loadDraft(core, id)).value);
}

export type PageRequest = { limit: number; cursor?: string };

export async function listDrafts(
  core: Core,
  { status, ...page }: PageRequest & { status?: Draft['status'] },
): Promise<{ drafts: Draft[]; next: string | null }> {
  const { records, cursor } = await core.gics.list<StoredDraft>('drafts', { ...page, where: status === undefined ? {} : { status } });
  return { drafts: await Promise.all(records.map((record) => showDraft(core, whole(record.value)))), next: cursor };
}

export type DraftContent = {
  prompt: string;
  checked: CheckedPlan | null;
  isPromptPlan: boolean;
  context: JsonObject;
  provider: string | null;
  error: ErrorInfo | null;
};

/** A draft that is not stored yet; without a plan it has the status `error`. */
export function newDraft(call: Call, content: DraftContent): StoredDraft {
  const now = new Date().toISOString();
  return {
    id: newId('draft'),
    status: content.error === null ? 'draft' : 'error',
    prompt: withoutInvisible(content.prompt),
    plan: content.checked?.plan ?? null,
    context: content.context,
    provider: content.provider,
    revision: 1,
    created_at: now,
    updated_at: now,
    created_by: call.actor.label,
    authors: [authorOf(call.actor)],
    votes: [],
    vote_inputs: null,
    approved_id: null,
    decided_by: null,
    comment: null,
    error: content.error,
    is_prompt_plan: content.isPromptPlan,
    plan_bytes: content.checked?.bytes ?? 0,
    removed: content.checked?.removed ?? [],
  };
}

/** Stores a new draft. */
export async function storeDraft(core: Core, call: Call, content: DraftContent): Promise<Draft> {
  const stored = newDraft(call, content);
  const answer = await showDraft(core, stored);
  const put = { op: 'put', collection: 'drafts', id: stored.id, value: asJson(stored), rev: 0 } as const;
  const detail = { status: stored.status };
  await commit(core, call, {
    ops: [put],
    object: stored.id,
    hash: answer.hash ?? undefined,
    detail,
    answer: { status: 201, body: answer },
  });
  return answer;
}

export type NewDraft = { prompt?: string; plan?: Json; context?: JsonObject; provider?: string };

/** Throws: PLAN_INVALID, PROVIDER_UNKNOWN. */
export async function createDraft(core: Core, call: Call, body: NewDraft, bodyBytes: number): Promise<Draft> {
  if (body.provider !== undefined && body.provider !== 'auto') findProvider(await readProviders(core), body.provider);
  const isPromptPlan = body.plan === undefined;
  const provider = body.provider ?? (isPromptPlan ? 'auto' : null);
  const plan = body.plan ?? promptPlan(body.prompt ?? '', provider ?? 'auto');
  const checked = await requireValidPlan(core, plan, bodyBytes);
  const prompt = body.prompt ?? (checked.plan.intent === '' ? checked.plan.title : checked.plan.intent);
  return storeDraft(core, call, { prompt, checked, isPromptPlan, context: body.context ?? {}, provider, error: null });
}

/** Throws: ALREADY_DECIDED unless it can still be changed and decided. */
export function requireOpen(draft: StoredDraft): void {
  if (draft.status === 'draft') return;
  const who = draft.decided_by === null ? '' : ` by ${draft.decided_by} at ${draft.updated_at}`;
  const message = draft.status === 'error' ? 'The draft has no plan.' : `The draft was ${draft.status}${who}.`;
  throw new GimoError('ALREADY_DECIDED', { message });
}

type DraftUpdate = { prompt?: string; plan?: Json; context?: JsonObject; revision?: number };

/** A new revision. Throws: NOT_FOUND, ALREADY_DECIDED, CONFLICT, PLAN_INVALID. */
export async function updateDraft(core: Core, call: Call, id: string, update: DraftUpdate, bodyBytes: number): Promise<Draft> {
  const { value: draft, rev } = await loadDraft(core, id);
  requireOpen(draft);
  if (update.revision !== undefined && update.revision !== draft.revision)
    throw new GimoError('CONFLICT', { message: `The draft is at revision ${draft.revision}.` });
  const isPromptPlan = update.plan === undefined && draft.is_prompt_plan;
  const source = update.plan ?? (isPromptPlan && update.prompt !== undefined ? promptPlan(update.prompt, draft.provider ?? 'auto') : null);
  const checked = source === null ? null : await requireValidPlan(core, source, bodyBytes);
  const next: StoredDraft = {
    ...draft,
    prompt: withoutInvisible(update.prompt ?? draft.prompt),
    plan: checked?.plan ?? draft.plan,
    plan_bytes: checked?.bytes ?? draft.plan_bytes,
    removed: checked?.removed ?? draft.removed,
    context: update.context ?? draft.context,
    is_prompt_plan: isPromptPlan,
    authors: withAuthor(draft.authors, call.actor),
    votes: [],
    vote_inputs: null,
    revision: draft.revision + 1,
    updated_at: new Date().toISOString(),
  };
  const answer = await showDraft(core, next);
  const put = { op: 'put', collection: 'drafts', id, value: asJson(next), rev } as const;
  const detail = { revision: next.revision, voided_votes: draft.votes.length, ...core.views.since(call.actor, answer.hash ?? '') };
  const change = { ops: [put], object: id, hash: answer.hash ?? undefined, detail, answer: { status: 200, body: answer } };
  await orOnConflict(commit(core, call, change), () => refuseStale(core, id));
  return answer;
}

/** After a lost race: says what the winner did. A draft of revision 0 was not stored, so nobody else decided it. */
export async function refuseStale(core: Core, id: string, rev = 1): Promise<never> {
  if (rev > 0) requireOpen((await loadDraft(core, id)).value);
  throw new GimoError('CONFLICT');
}

/** What a packet takes from the draft. */
export function packetOf(draft: StoredDraft, plan: Plan): Omit<PacketRequest, 'preconditions' | 'inputs'> {
  const { id, revision, plan_bytes: bytes, authors, votes, removed } = draft;
  return { draftId: id, revision, plan, bytes, authors, votes, removed };
}

/** What an approver is shown. Throws: NOT_FOUND, REPO_REFUSED; ALREADY_DECIDED for a draft without a plan. */
export async function draftPacket(core: Core, id: string): Promise<Packet> {
  const { value: draft } = await loadDraft(core, id);
  if (draft.plan === null) throw new GimoError('NOT_FOUND', { message: 'The draft has no plan, so there is nothing to approve.' });
  const preconditions = await preconditionsOf(core, draft.plan, { isFresh: true });
  return makePacket(core, { ...packetOf(draft, draft.plan), preconditions, inputs: inputsOf(draft, draft.plan) });
}
