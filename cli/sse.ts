/** Server-sent events that survive a restart of the server: every reconnect names the last event that was seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure, NotRunning } from './failure.ts';

export type SseEvent = { id: string | null; event: string; data: string };

/** Source: WHATWG HTML, "server-sent events". */
export class SseParser {
  #buffer = '';
  #data: string[] = [];
  #event = '';
  #id: string | null = null;

  /** In: any piece of the stream. Out: the events that it completes. */
  push(chunk: string): SseEvent[] {
    this.#buffer += chunk;
    // A lone CR at the end may be half of a CRLF.
    const end = this.#buffer.endsWith('\r') ? this.#buffer.length - 1 : this.#buffer.length;
    const lines = this.#buffer.slice(0, end).split(/\r\n|\n|\r/);
    this.#buffer = (lines.pop() ?? '') + this.#buffer.slice(end);
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): SseEvent[] {
    if (line === '') return this.#dispatch();
    const at = line.indexOf(':');
    if (at === 0) return [];
    const field = at === -1 ? line : line.slice(0, at);
    const value = at === -1 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return [];
  }

  #dispatch(): SseEvent[] {
    const event = { id: this.#id, event: this.#event === '' ? 'message' : this.#event, data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#data = [];
    this.#event = '';
    return isEmpty ? [] : [event];
  }
}

export type FollowOptions = {
  /** Opens the stream after the event with this id. Throws: ApiFailure, NotRunning. */
  open: (lastId: string | null) => Promise<Response>;
  lastId?: string | null;
  signal: AbortSignal;
  /** Asked whenever the stream ended: false when nothing more will come. */
  goesOn: () => Promise<boolean>;
  /** The server cannot be reached: once for each outage. */
  onDown?: () => void;
};

/** What the API sends after the last event there will be. */
const END_EVENT = 'end';
const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 2000;

/** Events without loss or repeat, over any number of connections. Ends with the signal, or when `goesOn` says so. */
export async function* followEvents(options: FollowOptions): AsyncGenerator<SseEvent> {
  const { signal } = options;
  let lastId = options.lastId ?? null;
  let backoffMs = FIRST_BACKOFF_MS;
  let isDown = false;
  while (!signal.aborted) {
    const response = await openOrNull(options, lastId);
    if (response) {
      for await (const event of eventsOf(response, signal)) {
        backoffMs = FIRST_BACKOFF_MS;
        if (event.event === END_EVENT) return;
        if (event.id !== null) lastId = event.id;
        yield event;
      }
      if (signal.aborted || !(await goesOn(options))) return;
    }
    if (response === null && !isDown) options.onDown?.();
    isDown = response === null;
    await sleep(backoffMs, undefined, { signal }).catch(() => {});
    backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof NotRunning || (error instanceof ApiFailure && (error.problem.status >= 500 || error.problem.status === 429));
}

async function openOrNull({ open, signal }: FollowOptions, lastId: string | null): Promise<Response | null> {
  try {
    return await open(lastId);
  } catch (error) {
    if (signal.aborted || isTransient(error)) return null;
    throw error;
  }
}

async function goesOn(options: FollowOptions): Promise<boolean> {
  try {
    return await options.goesOn();
  } catch (error) {
    if (options.signal.aborted || isTransient(error)) return true;
    throw error;
  }
}

async function* eventsOf(response: Response, signal: AbortSignal): AsyncGenerator<SseEvent> {
  const parser = new SseParser();
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      for (const event of parser.push(decoder.decode(chunk, { stream: true }))) yield event;
      if (signal.aborted) return;
    }
  } catch (error) {
    // A broken connection is what reconnecting is for; the consumer's own failures do not pass here.
    if (!(error instanceof TypeError) && !signal.aborted) throw error;
  }
}
