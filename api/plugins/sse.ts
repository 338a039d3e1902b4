/** Server-sent events: the id of an event is its offset, `end` comes after the last one. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import { redact } from '#platform/redact.ts';
import type { Core } from '../deps.ts';
import type { Answer } from '../handler.ts';
import { entriesUntilEnd, type StreamSource } from '../services/streams.ts';

const MAX_STREAMS = 200;
const KEEP_ALIVE_MS = 15_000;
/** A reader that takes nothing for so long is dropped; it can resume. */
const STALLED_MS = 30_000;

const open = new WeakMap<Core, Set<ServerResponse>>();

export async function sendStream(core: Core, request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  const { stream: source } = answer;
  if (source === undefined) throw new GimoError('INTERNAL', { message: 'The handler of a stream gave none.' });
  const streams = open.get(core) ?? new Set();
  open.set(core, streams);
  if (streams.size >= MAX_STREAMS) throw new GimoError('RATE_LIMITED', { message: `There are already ${MAX_STREAMS} open streams.` });
  const response = reply.raw;
  streams.add(response);
  reply.hijack();
  try {
    response.writeHead(200, headersOf(reply));
    await writeAll(core, source, response);
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

async function writeAll(core: Core, source: StreamSource, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, core.stop]);
  response.write(': open\n\n');
  const timer = setInterval(() => response.write(': keep-alive\n\n'), KEEP_ALIVE_MS);
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
