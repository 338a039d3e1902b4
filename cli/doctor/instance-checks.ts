/** What a running instance says of itself: its parts, its clock, whether it takes our tokens, its providers. */
import { ReadySchema, type Ready } from '#contract/ready.ts';
import { ROUTES } from '#contract/routes/index.ts';
import type { ApiClient, DataOf } from '../api-client.ts';
import { ApiFailure, CliFailure, EXIT, exitCodeOf, NOT_RUNNING, STARTING_HINT } from '../failure.ts';
import { failed, passed, warned, type Check } from './check.ts';

const ANSWER_MS = 5000;
/** The header of the answer has whole seconds. */
const SKEW_MS = 5000;

/** Null when nothing answers, or something that is not GIMO. `skewMs`: by how much its clock is ahead of ours. */
export type Answering = { ready: Ready; skewMs: number } | null;

export async function askReady(url: string): Promise<Answering> {
  const sent = Date.now();
  try {
    const response = await fetch(`${url}${ROUTES.ready.path}`, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
    const date = Date.parse(response.headers.get('date') ?? '');
    const received = Date.now();
    const ready = ReadySchema.parse(await response.json());
    // An answer is written between the two; how long it took is no difference of clocks.
    const skewMs = date < sent ? date - sent : date > received ? date - received : 0;
    return { ready, skewMs };
  } catch {
    return null; // nobody there, or somebody else: the check of the port says which
  }
}

const HINTS: Record<string, string> = {
  temporal: 'See the log of `temporal` in the data directory; with GIMO_TEMPORAL_ADDRESS, that address must answer.',
  gics: 'See the log of `gics` in the data directory; a full disk and a locked data directory are the usual causes.',
  worker: 'See the log of `worker` in the data directory; npm start starts it again.',
  sandbox: 'Install bubblewrap, or allow user namespaces; GIMO_UNFENCED=1 runs processes without a fence.',
  lockdown: 'Look at the security events, then: gimo security resolve.',
};

/** Parts that something is wrong with while all the rest works. */
const MILD: ReadonlySet<string> = new Set(['sandbox', 'lockdown']);

/** `starting`: that it is on its way, in a sentence. */
export function partChecks(answering: Answering, starting: string | null): Check[] {
  if (answering === null && starting !== null) return [failed('instance', starting, STARTING_HINT, EXIT.unavailable)];
  if (answering === null)
    return [failed('instance', NOT_RUNNING, 'Start it with npm start, or name another with --url.', EXIT.unavailable)];
  return Object.entries(answering.ready.parts).map(([name, { ok, detail }]) => {
    const hint = HINTS[name] ?? 'npm start starts it again; its log in the data directory says why it ended.';
    if (ok) return passed(name, detail);
    return MILD.has(name) ? warned(name, detail, hint) : failed(name, detail, hint, EXIT.unavailable);
  });
}

/** Approvals expire and tokens end by the clock of the instance. */
export function clockCheck({ skewMs }: NonNullable<Answering>): Check {
  const seconds = Math.round(skewMs / 1000);
  if (Math.abs(skewMs) <= SKEW_MS) return passed('clock', 'this machine and the instance agree');
  return warned(
    'clock',
    `the instance is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine`,
    'Set both clocks by a time server.',
  );
}

/** Whether the instance takes what we have, and as whom. */
export async function credentialCheck(client: ApiClient): Promise<Check> {
  const name = 'credential';
  try {
    const { data } = await client.call('auth_whoami');
    return passed(name, `${data.label}, class ${data.class}`);
  } catch (error) {
    if (!(error instanceof ApiFailure || error instanceof CliFailure)) throw error;
    const hint = error instanceof ApiFailure ? error.problem.hint : 'gimo token reset makes a new one for the data directory.';
    return failed(name, error.message, hint, exitCodeOf(error));
  }
}

export async function providerChecks(client: ApiClient): Promise<Check[]> {
  const check = 'providers';
  try {
    const verdict = providerVerdict((await client.call('provider_get')).data);
    if (verdict.verdict !== 'ok') return [verdict];
    const { ok, name, detail } = (await client.call('provider_health')).data;
    return [ok ? verdict : warned(check, `${name} does not answer: ${detail}`, PROVIDER_HINT)];
  } catch (error) {
    if (!(error instanceof ApiFailure || error instanceof CliFailure)) throw error;
    return [warned(check, `not known: ${error.message}`, 'An admin can see them.')];
  }
}

const PROVIDER_HINT = 'Plans without llm nodes run. For the others: gimo provider put, or the page Provider.';

function providerVerdict({ active, providers }: DataOf<'provider_get'>): Check {
  const entry = providers[active];
  if (entry === undefined) return warned('providers', 'none is active', PROVIDER_HINT);
  if (entry.key_set === false)
    return warned('providers', `${active} has no key: ${entry.api_key ?? ''} is not set where calls are made`, PROVIDER_HINT);
  return passed('providers', `${active} answers, ${Object.keys(providers).length} configured`);
}
