import { countingVotes } from '#contract/agreement.ts';
import { openStage, stagesOf } from '#contract/approval-rule.ts';
import { gateHash, isWidening, type Agreement, type Decision, type Vote } from '#contract/decision.ts';
import { GimoError } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { Gate } from '#contract/objects.ts';
import type { OutboxRow } from '#contract/messages.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { Call, Core } from '../deps.ts';
import { fault } from '../plugins/problem.ts';
import { getApproved } from './approved.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import { signDecision, signerOf } from './decisions.ts';
import { deliverSoon } from './delivery.ts';
import type { PageRequest } from './drafts.ts';
import { loadRun } from './run-view.ts';
import { requireVoter } from './votes.ts';

export type GateAnswer = { hash?: string; comment?: string; choice?: 'done' | 'redo' | 'continue' };
type Verdict = 'approve' | 'reject';

/** What `approve` may choose, by the kind of the gate. */
const CHOICES = {
  question: [],
  unknown: ['done', 'redo'],
  failed: ['redo', 'continue'],
  envelope: [],
  budget: [],
} as const satisfies Record<Gate['kind'], string[]>;

type GateFilter = PageRequest & { status?: Gate['status']; run_id?: string };

export async function listGates(core: Core, { status, run_id, ...page }: GateFilter): Promise<{ gates: Gate[]; next: string | null }> {
  const where = { ...(status === undefined ? {} : { status }), ...(run_id === undefined ? {} : { run_id }) };
  const { records, cursor } = await core.gics.list<Gate>('gates', { ...page, where });
  return { gates: records.map((record) => record.value), next: cursor };
}

async function loadGate(core: Core, id: string): Promise<{ value: Gate; rev: number }> {
  const record = await core.gics.get<Gate>('gates', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no gate ${id}.` });
  return record;
}

export async function getGate(core: Core, id: string): Promise<Gate> {
  return (await loadGate(core, id)).value;
}

function requireOpen(gate: Gate): void {
  if (gate.status !== 'open') {
    const who = gate.decided_by === null ? '' : ` by ${gate.decided_by} at ${gate.decided_at}`;
    throw new GimoError('ALREADY_DECIDED', { message: `The gate was ${gate.status}${who}.` });
  }
  if (gate.expires_at !== null && gate.expires_at <= new Date().toISOString())
    throw new GimoError('ALREADY_DECIDED', { message: `The gate expired at ${gate.expires_at}.` });
}

async function requireLiveRun(core: Core, gate: Gate): Promise<void> {
  const { status } = await loadRun(core, gate.run_id);
  if (isRunEnded(status)) throw new GimoError('ALREADY_DECIDED', { message: `The run of this gate has ended: ${status}.` });
}

/** Throws: HASH_MISMATCH, and HASH_REQUIRED for a yes to anything that is not of low risk. */
function checkHash(gate: Gate, verdict: Verdict, hash: string | undefined): void {
  const { run_id, node, attempt, kind, title, message, risk, evidence, approval_hash } = gate;
  const isWhole = gateHash({ run_id, node, attempt, kind, title, message, risk, evidence, approval_hash }) === gate.hash;
  if (!isWhole || (hash !== undefined && hash !== gate.hash)) throw new GimoError('HASH_MISMATCH');
  if (hash === undefined && verdict === 'approve' && risk !== 'low')
    throw new GimoError('HASH_REQUIRED', {
      message: `The risk of this gate is ${risk}, so a yes needs its hash.`,
      hint: `Read the gate (\`gimo gates get ${gate.id}\` shows it and its hash) and send its \`hash\`: \`gimo gates approve ${gate.id} --hash HASH\`.`,
    });
}

/** Throws: BAD_REQUEST when the kind of the gate asks for another choice. */
function checkChoice(gate: Gate, verdict: Verdict, choice: GateAnswer['choice']): void {
  const allowed: readonly string[] = verdict === 'approve' ? CHOICES[gate.kind] : [];
  const isFine = allowed.length === 0 ? choice === undefined : choice !== undefined && allowed.includes(choice);
  if (isFine) return;
  const message = allowed.length === 0 ? 'is not taken for this answer' : `must be one of: ${allowed.join(', ')}`;
  throw new GimoError('BAD_REQUEST', { message: `The answer is not valid: choice ${message}.`, faults: [fault('body.choice', message)] });
}

type Answered = { gate: Gate; rev: number; verdict: Verdict; answer: GateAnswer };

/**
 * Answers a gate: stores the signed decision, then delivers it. Out: the decided gate, or an open one to which more people have to agree.
 * Waits: ≤ 1 s for the delivery. Throws: NOT_FOUND, ALREADY_DECIDED, ALREADY_VOTED, SELF_APPROVAL, PERSON_REQUIRED, HASH_MISMATCH,
 * HASH_REQUIRED, BAD_REQUEST, FORBIDDEN.
 */
export async function answerGate(
  core: Core,
  call: Call,
  { id, verdict, answer }: { id: string; verdict: Verdict; answer: GateAnswer },
): Promise<Gate> {
  const { value: gate, rev } = await loadGate(core, id);
  requireOpen(gate);
  await requireLiveRun(core, gate);
  checkHash(gate, verdict, answer.hash);
  checkChoice(gate, verdict, answer.choice);
  const agreement = verdict === 'approve' && isWidening(gate.kind) ? await gateAgreement(core, call, gate) : null;
  const isLast = agreement === null || openStage(agreement.rule, agreement.earlier.length + 1) === null;
  const decision = signDecision(core, {
    subject: 'gate',
    subject_id: id,
    verdict,
    choice: answer.choice ?? null,
    hash: gate.hash,
    packet_hash: answer.hash === undefined ? null : gate.hash,
    envelope: null,
    ...signerOf(call.actor),
    comment: answer.comment ?? '',
    expires_at: null,
    ...(agreement !== null && isLast ? { agreement } : {}),
  });
  const answered: Answered = { gate, rev, verdict, answer };
  return isLast ? storeAnswer(core, call, answered, decision) : storeVote(core, call, answered, decision);
}

async function storeVote(core: Core, call: Call, { gate, rev }: Answered, vote: Vote): Promise<Gate> {
  const next: Gate = { ...gate, votes: [...(gate.votes ?? []), vote] };
  await storeGate(core, call, { next, rev, decision: vote, more: [] });
  return next;
}

async function storeAnswer(core: Core, call: Call, { gate, rev, verdict, answer }: Answered, decision: Decision): Promise<Gate> {
  const status = verdict === 'approve' ? 'approved' : 'rejected';
  const next: Gate = {
    ...gate,
    status,
    decided_at: decision.at,
    decided_by: decision.by,
    comment: answer.comment ?? null,
    choice: decision.choice,
  };
  const row: OutboxRow = { kind: verdict, run_id: gate.run_id, created_at: decision.at, decision };
  await storeGate(core, call, {
    next,
    rev,
    decision,
    more: [{ op: 'put', collection: 'outbox', id: decision.id, value: asJson(row), rev: 0 }],
  });
  await deliverSoon(core, decision.id, row);
  return next;
}

type GateChange = { next: Gate; rev: number; decision: Decision; more: GicsOp[] };

async function storeGate(core: Core, call: Call, { next, rev, decision, more }: GateChange): Promise<void> {
  const change = {
    ops: [
      { op: 'put', collection: 'gates', id: next.id, value: asJson(next), rev },
      { op: 'put', collection: 'decisions', id: decision.id, value: asJson(decision), rev: 0 },
      ...more,
    ] as GicsOp[],
    object: next.id,
    hash: next.hash,
    detail: {
      run_id: next.run_id,
      decision_id: decision.id,
      choice: decision.choice,
      votes: next.votes?.length ?? 0,
      ...core.views.since(call.actor, next.hash),
    },
    answer: { status: 200, body: next },
  };
  await orOnConflict(commit(core, call, change), async () => {
    requireOpen(await getGate(core, next.id));
    throw new GimoError('CONFLICT');
  });
}

/** More than was approved is granted by whoever could have approved it: as many people, none of them an author where that matters. */
async function gateAgreement(core: Core, call: Call, gate: Gate): Promise<Agreement> {
  const { plan, decision } = await getApproved(core, (await loadRun(core, gate.run_id)).approved_id);
  const { rule, authors } = decision.agreement ?? { rule: { stages: stagesOf(plan.policy), allows_self: true }, authors: [] };
  const earlier = countingVotes(gate.votes ?? [], { rule, authors, hash: gate.hash, now: new Date().toISOString() });
  requireVoter(call.actor, rule, { authors, votes: earlier });
  return { risk: gate.risk, rule, authors, earlier };
}
