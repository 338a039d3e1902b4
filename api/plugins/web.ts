/** Requests and answers of the web's own kind, which the MCP SDK takes and gives, over those of Fastify. Each is made with as few parts as it needs. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Aborted when the API ends, or the caller goes before its answer is complete. Nothing is aborted after a complete answer: nobody would need it. */
export function untilGone({ raw }: FastifyReply, stop: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const end = (): void => gone.abort();
  if (stop.aborted) end();
  stop.addEventListener('abort', end, { once: true });
  raw.once('close', () => {
    stop.removeEventListener('abort', end);
    if (!raw.writableFinished) end();
  });
  return gone.signal;
}

/** The request without its body, which is parsed already. */
export function webRequest({ method, url, headers: given }: FastifyRequest, signal: AbortSignal): Request {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined && !name.startsWith(':')) headers[name] = String(value);
  const request = new Request(`http://${given.host}${url}`, { method, headers });
  // A request that is given a signal follows it with one of its own, which costs more than all the rest of it.
  return Object.defineProperty(request, 'signal', { value: signal });
}

/** A message goes out in one piece; only a stream is sent as one. */
export async function sendWeb(reply: FastifyReply, answer: Response): Promise<FastifyReply> {
  if (!(answer.headers.get('content-type') ?? '').startsWith('application/json')) return reply.send(answer);
  for (const [name, value] of answer.headers) void reply.header(name, value);
  return reply.code(answer.status).send(await answer.text());
}
