/** Prints a stream of server-sent events as it comes: JSON lines for programs, text for people. */
import { isRunEnded } from '#contract/run-state.ts';
import type { RouteId } from '#contract/routes/index.ts';
import { z } from '#contract/zod.ts';
import type { ApiClient, CallInput } from './api-client.ts';
import { readRunEvent } from './follow-run.ts';
import { logLine } from './log-line.ts';
import type { Session } from './session.ts';
import { followEvents, type SseEvent } from './sse.ts';
import { printable } from './terminal.ts';

/** A piece of what a node wrote. */
const Chunk = z.object({ text: z.string() });

/** Waits: until the run has ended or Ctrl-C. Throws: ApiFailure, NotRunning when even the first connection fails. */
export async function printStream(session: Session, client: ApiClient, id: RouteId, input: CallInput): Promise<void> {
  const { terminal } = session;
  const params = { id: input.params?.['id'] ?? '' };
  await client.call('runs_get', { params });
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const stream = followEvents({
    open: (lastId) => client.send(id, { ...input, signal: stop.signal, headers: { 'last-event-id': lastId ?? '0' } }),
    signal: stop.signal,
    goesOn: async () => !isRunEnded((await client.call('runs_get', { params, signal: stop.signal })).data.status),
    onDown: () => terminal.note('The API does not answer. Trying again …'),
  });
  for await (const event of stream) terminal.outRaw(textOf(event, session));
}

/** Events of a run are lines of their own; what a node writes goes on where it stopped. */
function textOf(event: SseEvent, { terminal }: Session): string {
  if (terminal.isJson) return `${event.data}\n`;
  const runEvent = readRunEvent(event.data);
  if (runEvent !== null) return `${logLine(runEvent, terminal.paint)}\n`;
  const chunk = Chunk.safeParse(JSON.parse(event.data));
  return chunk.success ? printable(chunk.data.text) : `${printable(event.data)}\n`;
}
