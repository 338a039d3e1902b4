/** What the instance says of itself. */
import { errorMessage } from '#contract/errors.ts';
import type { Ready } from '#contract/ready.ts';
import { isSameProcess } from '#platform/processes.ts';
import { readInstance, type Instance } from '#platform/instance.ts';
import type { Core } from '../deps.ts';
import { readExamples, type Example } from './examples.ts';
import { readPresence, readProviders } from './settings.ts';
import type { RepoFacts } from './repo.ts';
import { VERSION } from './version.ts';

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
    const detail = fence.ok
      ? `${fence.kind}: ${fence.detail}`
      : `${fence.detail}${core.config.isUnfenced ? ' (running without a fence is allowed)' : ''}`;
    return { worker: { ok: true, detail: `process ${pid}` }, sandbox: { ok: fence.ok || core.config.isUnfenced, detail } };
  } catch (error) {
    const part = { ok: false, detail: `not known: ${errorMessage(error)}` };
    return { worker: part, sandbox: part };
  }
}

function instanceOf(core: Core): Instance | null {
  try {
    const instance = readInstance(core.config.paths.instance);
    return instance !== null && isSameProcess(instance) ? instance : null;
  } catch {
    return null; // the parts themselves still tell their state
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

/** Each part and whether it works. Waits: ≤ 1.5 s. */
export async function readReady(core: Core): Promise<Ready> {
  const [temporal, gics, worker] = await Promise.all([
    temporalPart(core),
    probe(async () => `version ${(await core.gics.status()).version}`),
    workerParts(core),
  ]);
  const parts = withSupervisor({ temporal, gics, ...worker }, instanceOf(core));
  return { ready: NEEDED.every((name) => parts[name]?.ok === true), parts };
}

export type Status = {
  version: string;
  uptime_s: number;
  panic: boolean;
  counts: Record<string, number>;
  parts: Ready['parts'];
  providers: { active: string; names: string[] };
};

export async function readStatus(core: Core): Promise<Status> {
  const { gics } = core;
  const [{ parts }, providers, drafts, approved, runs, running, gates] = await Promise.all([
    readReady(core),
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
    panic: false,
    counts: { drafts, approved, runs, runs_active: running, gates_open: gates },
    parts,
    providers: { active: providers.active, names: Object.keys(providers.providers) },
  };
}

export type UiStatus = {
  version: string;
  repo: RepoFacts | null;
  allowlist: string[];
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
  const [repo, { ready, parts }, gates] = await Promise.all([
    repoFacts(core),
    readReady(core),
    core.gics.count('gates', { status: 'open' }),
  ]);
  return {
    version: VERSION,
    repo,
    allowlist: repo === null ? [] : [repo.path],
    ready,
    fence: parts['sandbox']?.detail ?? '',
    open_gates: gates,
    temporal_url: core.config.temporalUi,
    examples: await readExamples(core),
  };
}
