import { errorCode } from '#contract/errors.ts';
import { gateHash, type Decision } from '#contract/decision.ts';
import { runStreams, type Gics, type GicsOp } from '#contract/gics.ts';
import type { EventBatch, OpenGateInput } from '#contract/messages.ts';
import type { Gate } from '#contract/objects.ts';
import type { RunEvent } from '#contract/run-state.ts';
import type { ActivityDeps } from '../deps.ts';
import { deliveryOps } from '../webhooks/outbox.ts';
import { batchOps } from '../effects/ledger.ts';

const LATE_EVENTS = 1000;

type WriteEventsInput = EventBatch & { run_id: string; acknowledged: string[]; expired: string[] };

/** Events that found no effect to travel with, outbox rows that have arrived, gates that can no longer be answered. */
export async function writeEvents(deps: ActivityDeps, input: WriteEventsInput): Promise<void> {
  const arrived = input.acknowledged.map((id): GicsOp => ({ op: 'delete', collection: 'outbox', id }));
  const expired = await expiredGates(deps, input.expired);
  await deps.gics.txn([...batchOps(input.run_id, input), ...arrived, ...expired]);
}

async function expiredGates(deps: ActivityDeps, ids: string[]): Promise<GicsOp[]> {
  const gates = ids.length === 0 ? [] : await deps.gics.getMany<Gate>('gates', ids);
  return gates.flatMap((gate): GicsOp[] =>
    gate?.value.status === 'open' ? [{ op: 'patch', collection: 'gates', id: gate.id, set: { status: 'expired' }, rev: gate.rev }] : [],
  );
}

/** Opens a gate once. Out: the decision, when it was made before (the workflow was started anew, or the answer was fast). */
export async function openGate(deps: ActivityDeps, input: OpenGateInput): Promise<{ decision: Decision | null }> {
  const { content, gate_id: id } = input;
  const gate: Gate = {
    id,
    ...content,
    status: 'open',
    hash: gateHash(content),
    opened_at: new Date().toISOString(),
    expires_at: input.expires_at,
    decided_at: null,
    decided_by: null,
    comment: null,
  };
  const events = batchOps(content.run_id, input);
  try {
    await deps.gics.txn([{ op: 'put', collection: 'gates', id, value: gate, rev: 0 }, ...(await openedOps(deps, gate)), ...events]);
    return { decision: null };
  } catch (error) {
    if (errorCode(error) !== 'GICS_CONFLICT') throw error;
    if (events.length > 0) await deps.gics.txn(events);
    const { records } = await deps.gics.list<Decision>('decisions', { where: { subject_id: id }, limit: 1 });
    return { decision: records[0]?.value ?? null };
  }
}

function openedOps(deps: ActivityDeps, { id, run_id: runId, node, kind, title, risk, expires_at }: Gate): Promise<GicsOp[]> {
  return deliveryOps(deps.gics, { event: 'gate.opened', runId, about: id, detail: { gate: { id, node, kind, title, risk, expires_at } } });
}

/** The event of a run with the highest number that is durable; null when there is none. */
export async function lastEvent(gics: Gics, runId: string): Promise<RunEvent | null> {
  // They arrive a little out of order, as the activities do that carry them.
  const entries = await gics.read<RunEvent>(runStreams.events(runId), { tailFirst: true, limit: LATE_EVENTS });
  return entries.map((entry) => entry.data).reduce<RunEvent | null>((last, event) => (last && last.seq > event.seq ? last : event), null);
}
