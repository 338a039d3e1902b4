/** The lockdown: while it lasts nothing is changed, but stops, sign-in and its own end work. One record of GICS, which outlives restarts. */
import { errorCode, GimoError } from '#contract/errors.ts';
import { SECURITY_STREAM } from '#contract/gics.ts';
import type { RunRecord } from '#contract/objects.ts';
import type { AuditEntryView, Panic, StopAsked } from '#contract/security.ts';
import type { Call, Core, Deps } from '../deps.ts';
import { readEntries } from './audit.ts';
import { asJson, commit, PANIC_ID, securityOps } from './commit.ts';
import type { PageRequest } from './drafts.ts';
import { storeCancel } from './run-commands.ts';
import type { SourceLock } from './sources.ts';

const PAGE = 200;
const CALM: Panic = {
  active: false,
  cause: null,
  reason: '',
  at: null,
  by: null,
  by_name: null,
  resolved_at: null,
  resolved_by: null,
};

type Locking = Pick<Deps, 'gics' | 'log'>;

export async function readPanic({ gics }: Pick<Core, 'gics'>): Promise<{ panic: Panic; rev: number }> {
  const record = await gics.get<Panic>('settings', PANIC_ID);
  return record === null ? { panic: CALM, rev: 0 } : { panic: record.value, rev: record.rev };
}

/** Out: the revision of the lockdown's record, for the transaction of the change that is let in. Throws: PANIC. */
export async function requireCalm(core: Core): Promise<number> {
  const { panic, rev } = await readPanic(core);
  if (!panic.active) return rev;
  const why = panic.reason === '' ? '' : ` (${panic.reason})`;
  throw new GimoError('PANIC', { message: `This instance is locked down since ${panic.at}${why}: nothing is changed.` });
}

/** Locks every change because too many unknown tokens came. Throws: GICS_UNAVAILABLE. */
export async function panicByThreshold({ gics, log }: Locking, count: number): Promise<void> {
  const { panic, rev } = await readPanic({ gics });
  if (panic.active) return;
  const at = new Date().toISOString();
  const reason = `${count} unknown tokens within a minute`;
  const next: Panic = { ...CALM, active: true, cause: 'threshold', reason, at, by: 'gimo' };
  const entry = {
    at,
    actor: 'gimo',
    action: 'security.panic',
    object: PANIC_ID,
    correlation_id: '',
    outcome: 'done',
    detail: { count },
  } as const;
  try {
    await gics.txn([{ op: 'put', collection: 'settings', id: PANIC_ID, value: asJson(next), rev }, ...securityOps(entry)]);
    log.error({ count }, 'the instance was locked down: too many unknown tokens');
  } catch (error) {
    if (errorCode(error) !== 'GICS_CONFLICT') throw error; // another process was faster
  }
}

/** Locks every change by hand. Safe to repeat. Out: the lockdown, and what was asked of each live run. */
export async function setPanic(
  core: Core,
  call: Call,
  { reason, stop_runs }: { reason: string; stop_runs: boolean },
): Promise<{ panic: Panic; runs: StopAsked[] }> {
  if (call.idempotency?.isReplay !== true) {
    const { label, name } = call.actor;
    const next: Panic = { ...CALM, active: true, cause: 'hand', reason, at: new Date().toISOString(), by: label, by_name: name };
    await writePanic(core, call, next, { reason, stop_runs });
  }
  const runs = stop_runs ? await stopRuns(core, { ...call, idempotency: null }) : [];
  return { panic: (await readPanic(core)).panic, runs };
}

/** Ends the lockdown and unlocks all addresses. Safe to repeat. */
export async function resolvePanic(core: Core, call: Call, reason: string): Promise<Panic> {
  if (call.idempotency?.isReplay !== true) {
    const { panic } = await readPanic(core);
    const next: Panic = { ...panic, active: false, resolved_at: new Date().toISOString(), resolved_by: call.actor.label };
    await writePanic(core, call, next, { reason });
    await unlockSources(core);
  }
  return (await readPanic(core)).panic;
}

/** Unconditional: of two admins at once the later one has the word. */
async function writePanic(core: Core, call: Call, value: Panic, detail: { reason: string; stop_runs?: boolean }): Promise<void> {
  const put = { op: 'put', collection: 'settings', id: PANIC_ID, value: asJson(value) } as const;
  await commit(core, call, { ops: [put], object: PANIC_ID, detail, isSecurity: true, answer: null });
}

async function unlockSources({ gics }: Core): Promise<void> {
  for (;;) {
    const { records } = await gics.list<SourceLock>('source_locks', { limit: PAGE });
    if (records.length === 0) return;
    await gics.txn(records.map(({ id }) => ({ op: 'delete', collection: 'source_locks', id })));
  }
}

/** Each stop is stored and delivered as if its run had been cancelled alone. */
async function stopRuns(core: Core, call: Call): Promise<StopAsked[]> {
  const asked: StopAsked[] = [];
  let cursor: string | undefined;
  do {
    const where = { status: ['pending', 'running'] };
    const page = await core.gics.list<RunRecord>('runs', { where, order: 'asc', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    asked.push(...(await Promise.all(page.records.map(({ id }) => stopRun(core, call, id)))));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return asked;
}

async function stopRun(core: Core, call: Call, id: string): Promise<StopAsked> {
  try {
    await storeCancel(core, call, id);
    return { run_id: id, result: 'asked' };
  } catch (error) {
    core.log.warn({ err: error, run_id: id }, 'a run was not stopped by the lockdown');
    return { run_id: id, result: errorCode(error) ?? 'INTERNAL' };
  }
}

export function listSecurityEvents(core: Core, page: PageRequest): Promise<{ entries: AuditEntryView[]; next: string | null }> {
  return readEntries(core.gics, SECURITY_STREAM, page);
}
