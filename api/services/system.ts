/** What the instance says of itself. */
import { errorMessage } from '#contract/errors.ts';
import { missingSentence } from '#contract/fence-parts.ts';
import type { Ready } from '#contract/ready.ts';
import type { Panic } from '#contract/security.ts';
import type { Instance } from '#platform/instance.ts';
import type { Core } from '../deps.ts';
import { readExamples, type Example } from './examples.ts';
import { listAllowlist } from './allowlist.ts';
import { readPanic } from './security.ts';
import { liveInstance } from './service.ts';
import { readPresence, readProviders } from './settings.ts';
import type { RepoFacts } from './repo.ts';
import type { SourceLock } from './sources.ts';
import { VERSION } from '#platform/version.ts';

const PROBE_MS = 1500;
type Part = Ready['parts'][string];

/** Without these nothing can be done. */
const NEEDED = ['temporal', 'gics', 'worker'];

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PROBE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function probe(work: () => Promise<string>): Promise<Part> {
  try {
    return { ok: true, detail: await inTime(work()) };
  } catch (error) {
    return { ok: false, detail: errorMessage(error).split('\n')[0] ?? '' };
  }
}

async function temporalPart(core: Core): Promise<Part> {
  const { connection } = core.temporal;
  return probe(async () => {
    const info = await connection.withDeadline(Date.now() + PROBE_MS, () => connection.workflowService.getSystemInfo({}));
    return `server ${info.serverVersion ?? ''}`.trim();
  });
}

async function workerParts(core: Core): Promise<Record<string, Part>> {
  try {
    const presence = await inTime(readPresence(core));
    if (presence === null)
      return { worker: { ok: false, detail: 'no worker is running' }, sandbox: { ok: false, detail: 'not known without a worker' } };
    const { fence, pid } = presence;
    const missing = missingSentence(fence.missing ?? []);
    const state = fence.ok
      ? `${fence.kind}: ${fence.detail}`
      : `${fence.detail}${core.config.isUnfenced ? ' (running without a fence is allowed)' : ''}`;
    const detail = `${state} ${missing}`.trimEnd();
    return { worker: { ok: true, detail: `process ${pid}` }, sandbox: { ok: fence.ok || core.config.isUnfenced, detail } };
  } catch (error) {
    const part = { ok: false, detail: `not known: ${errorMessage(error)}` };
    return { worker: part, sandbox: part };
  }
}

/** What the supervisor knows of its parts: restarts, and why. */
function withSupervisor(parts: Record<string, Part>, instance: Instance | null): Record<string, Part> {
  const merged = { ...parts };
  for (const [name, { state, restarts, last_exit: exit }] of Object.entries(instance?.parts ?? {})) {
    const part = merged[name] ?? { ok: state === 'ready' || name === 'api', detail: state };
    const history =
      restarts === 0 ? '' : `; restarted ${restarts === 1 ? 'once' : `${restarts} times`}${exit === null ? '' : `, last: ${exit.line}`}`;
    merged[name] = { ...part, detail: `${part.detail}${history}` };
  }
  return merged;
}

/** A lockdown is no failure: reads, stops and running work go on. */
function lockdownPart(core: Core): Promise<Part> {
  return probe(async () => {
    const { panic } = await readPanic(core);
    if (panic.active)
      throw new Error(`changes are locked since ${panic.at} (${panic.cause === 'hand' ? 'by hand' : 'too many unknown tokens'})`);
    return 'off';
  });
}

const asking = new WeakMap<Core, Promise<Ready>>();

/** Each part and whether it works. Who asks at the same time gets the same answer: anybody may ask. Waits: ≤ 1.5 s. */
export function readReady(core: Core): Promise<Ready> {
  const under = asking.get(core) ?? askParts(core).finally(() => asking.delete(core));
  asking.set(core, under);
  return under;
}

async function askParts(core: Core): Promise<Ready> {
  const [temporal, gics, worker, lockdown] = await Promise.all([
    temporalPart(core),
    probe(async () => `version ${(await core.gics.status()).version}`),
    workerParts(core),
    lockdownPart(core),
  ]);
  const parts = withSupervisor({ temporal, gics, ...worker, lockdown, audit: core.checkpoints.state }, liveInstance(core));
  return { ready: NEEDED.every((name) => parts[name]?.ok === true), parts };
}

export type Status = {
  version: string;
  uptime_s: number;
  panic: boolean;
  locked_sources: number;
  counts: Record<string, number>;
  parts: Ready['parts'];
  providers: { active: string; names: string[] };
};

export async function readStatus(core: Core): Promise<Status> {
  const { gics } = core;
  const [{ parts }, { panic }, locks, providers, drafts, approved, runs, running, gates] = await Promise.all([
    readReady(core),
    readPanic(core),
    countLocks(core),
    readProviders(core),
    gics.count('drafts', { status: 'draft' }),
    gics.count('approved'),
    gics.count('runs'),
    gics.count('runs', { status: ['pending', 'running'] }),
    gics.count('gates', { status: 'open' }),
  ]);
  return {
    version: VERSION,
    uptime_s: Math.floor((Date.now() - core.startedAt) / 1000),
    panic: panic.active,
    locked_sources: locks,
    counts: { drafts, approved, runs, runs_active: running, gates_open: gates },
    parts,
    providers: { active: providers.active, names: Object.keys(providers.providers) },
  };
}

async function countLocks({ gics }: Core): Promise<number> {
  const now = new Date().toISOString();
  return (await gics.list<SourceLock>('source_locks', { limit: 1000 })).records.filter(({ value }) => value.until > now).length;
}

export type UiStatus = {
  version: string;
  repo: RepoFacts | null;
  allowlist: string[];
  panic: Panic;
  ready: boolean;
  fence: string;
  open_gates: number;
  temporal_url: string | null;
  examples: Example[];
};

async function repoFacts(core: Core): Promise<RepoFacts | null> {
  try {
    return await core.repo.facts();
  } catch {
    return null; // there is no such folder; the packet of a plan that needs it says so
  }
}

export async function readUiStatus(core: Core): Promise<UiStatus> {
  const [repo, allowlist, { panic }, { ready, parts }, gates] = await Promise.all([
    repoFacts(core),
    listAllowlist(core),
    readPanic(core),
    readReady(core),
    core.gics.count('gates', { status: 'open' }),
  ]);
  return {
    version: VERSION,
    repo,
    allowlist,
    panic,
    ready,
    fence: parts['sandbox']?.detail ?? '',
    open_gates: gates,
    temporal_url: core.config.temporalUi,
    examples: await readExamples(core),
  };
}
