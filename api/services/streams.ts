/** What is streamed to readers: a GICS stream from an offset on, until the run has ended and all of it was sent. */
import { GimoError } from '#contract/errors.ts';
import { runStreams, type StreamEntry } from '#contract/gics.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { Core } from '../deps.ts';
import { fault } from '../plugins/problem.ts';
import { loadRun } from './run-view.ts';

const END_POLL_MS = 1000;
/** A run that nobody closed properly is taken for closed after this. */
const CLOSE_MS = 10_000;

export type StreamSource = { stream: string; runId: string; from: number };

/** Throws: NOT_FOUND, BAD_REQUEST for a Last-Event-ID that is none of ours. */
export async function openStream(
  core: Core,
  runId: string,
  node: string | null,
  lastEventId: string | string[] | undefined,
): Promise<StreamSource> {
  await loadRun(core, runId);
  const stream = node === null ? runStreams.events(runId) : runStreams.output(runId, node);
  return { stream, runId, from: afterEvent(lastEventId) };
}

function afterEvent(id: string | string[] | undefined): number {
  if (id === undefined || id === '') return 1;
  if (typeof id === 'string' && /^\d{1,15}$/.test(id)) return Number(id) + 1;
  throw new GimoError('BAD_REQUEST', { faults: [fault('headers.last-event-id', 'must be the id of an event')] });
}

/** Entries until the run has ended and everything that was written before was read, or until `signal`. */
export async function* entriesUntilEnd(core: Core, source: StreamSource, signal: AbortSignal): AsyncGenerator<StreamEntry> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) stop.abort();
  let sent = source.from - 1;
  const check = async (): Promise<void> => {
    if (await isOver(core, source, sent)) stop.abort();
  };
  // A failed look changes nothing: the next one is a second later.
  const timer = setInterval(() => void check().catch(() => undefined), END_POLL_MS);
  try {
    await check();
    if (stop.signal.aborted) return;
    for await (const entry of core.gics.tail(source.stream, { from: source.from, signal: stop.signal })) {
      yield entry;
      sent = entry.offset;
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function isOver(core: Core, { runId, stream }: StreamSource, sent: number): Promise<boolean> {
  const run = await loadRun(core, runId);
  if (!isRunEnded(run.status)) return false;
  const endedMs = run.finished_at === null ? 0 : Date.parse(run.finished_at);
  if (run.final_ref === null && Date.now() - endedMs < CLOSE_MS) return false;
  return (await core.gics.info(stream)).last <= sent;
}
