/** Server-sent events: the id of an event is its offset, `end` comes after the last one. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import { redact } from '#platform/redact.ts';
import type { Actor, Core } from '../deps.ts';
import type { Answer } from '../handler.ts';
import { isStillValid } from '../services/sessions.ts';
import { entriesUntilEnd, type StreamSource } from '../services/streams.ts';

const MAX_STREAMS = 200;
const MAX_STREAMS_OF_ONE = 100;
/** A reader that takes nothing for so long is dropped; it can resume. */
const STALLED_MS = 30_000;

/** Open streams, each with the credential that reads it. */
const open = new WeakMap<Core, Map<ServerResponse, string>>();

export async function sendStream(core: Core, request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  const { stream: source } = answer;
  if (source === undefined) throw new GimoError('INTERNAL', { message: 'The handler of a stream gave none.' });
  const { actor } = request;
  if (actor === null) throw new GimoError('INTERNAL', { message: 'A stream has no public readers.' });
  const streams = open.get(core) ?? new Map<ServerResponse, string>();
  open.set(core, streams);
  if (streams.size >= MAX_STREAMS) throw new GimoError('RATE_LIMITED', { message: `There are already ${MAX_STREAMS} open streams.` });
  const own = [...streams.values()].filter((label) => label === actor.label).length;
  if (own >= MAX_STREAMS_OF_ONE) throw new GimoError('RATE_LIMITED', { message: `This credential has already ${own} open streams.` });
  const response = reply.raw;
  streams.set(response, actor.label);
  reply.hijack();
  try {
    response.writeHead(200, headersOf(reply));
    await writeAll(core, source, { response, actor });
  } catch (error) {
    request.log.warn({ err: error }, 'a stream broke off');
  } finally {
    streams.delete(response);
    response.end();
  }
  return reply;
}

function headersOf(reply: FastifyReply): Record<string, string | string[]> {
  const earlier = Object.entries(reply.getHeaders()).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return {
    ...Object.fromEntries(earlier),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  };
}

type Reader = { response: ServerResponse; actor: Actor };

/** Ends with its reader's right to read, at the next sign of life. */
async function writeAll(core: Core, source: StreamSource, { response, actor }: Reader): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, core.stop]);
  response.write(': open\n\n');
  const keepAlive = async (): Promise<void> => {
    if (await isStillValid(core, actor)) response.write(': keep-alive\n\n');
    else gone.abort();
  };
  const timer = setInterval(() => void keepAlive().catch(() => response.write(': keep-alive\n\n')), core.httpTimes.stream);
  try {
    for await (const entry of entriesUntilEnd(core, source, signal)) {
      await write(response, `id: ${entry.offset}\ndata: ${redact(JSON.stringify(entry.data))}\n\n`, signal);
    }
    if (!signal.aborted) await write(response, 'event: end\ndata: {}\n\n', signal);
  } finally {
    clearInterval(timer);
  }
}

/** Waits for a slow reader, so that nothing piles up here. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (response.write(text)) return;
  await once(response, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(STALLED_MS)]) });
}
