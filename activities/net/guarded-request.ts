import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { errorMessage, GimoError } from '#contract/errors.ts';
import { isIP } from 'node:net';
import type { Resolved } from './resolve-target.ts';

export type GuardedRequest = {
  method: string;
  headers: Record<string, string>;
  body: Buffer | null;
  maxBytes: number;
  /** Ends the request and its socket. */
  signal: AbortSignal;
};

/** `body` holds at most `maxBytes`; the rest was not read when `truncated`. */
export type GuardedAnswer = { status: number; headers: IncomingHttpHeaders; body: Buffer; truncated: boolean };

/** How far a request that failed had come: one that never left was not answered for certain. */
export type RequestProgress = { wasSent: boolean };

/**
 * One request to an address that was checked, over a connection of its own. Nothing is followed: a redirect is an answer.
 * Waits: until the answer is read. Throws: HTTP_FAILED; whatever the signal aborts with. No socket is left open.
 */
export async function guardedRequest(resolved: Resolved, request: GuardedRequest, progress: RequestProgress): Promise<GuardedAnswer> {
  request.signal.throwIfAborted();
  const sent = send(resolved, request, progress);
  try {
    return await readAnswer(await sent.answer, request.maxBytes);
  } catch (error) {
    request.signal.throwIfAborted();
    throw new GimoError('HTTP_FAILED', { message: `\`${resolved.target.host}\` did not answer: ${errorMessage(error)}`, cause: error });
  } finally {
    sent.end();
  }
}

function send(
  { target, url, address }: Resolved,
  request: GuardedRequest,
  progress: RequestProgress,
): { answer: Promise<IncomingMessage>; end: () => void } {
  const { hostname, port, protocol } = target;
  const options = {
    // The address and not the name: nothing resolves it a second time.
    host: address,
    port,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...request.headers,
      host: url.host,
      'accept-encoding': 'identity',
      connection: 'close',
      ...(request.body === null ? {} : { 'content-length': request.body.length }),
    },
    signal: request.signal,
    agent: false,
    servername: isIP(hostname) === 0 && !hostname.startsWith('[') ? hostname : '',
  };
  const outgoing = protocol === 'https' ? https.request(options) : http.request(options);
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    outgoing.once('socket', (socket) => socket.once(protocol === 'https' ? 'secureConnect' : 'connect', () => (progress.wasSent = true)));
  });
  outgoing.end(request.body ?? undefined);
  return { answer, end: () => void outgoing.destroy() };
}

/** Reads until the end or the limit. Throws: when the other side breaks off. */
async function readAnswer(answer: IncomingMessage, maxBytes: number): Promise<GuardedAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  const body = Buffer.concat(chunks).subarray(0, maxBytes);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body, truncated: size > maxBytes };
}

type Deadline = { timeoutMs: number; signal: AbortSignal; what: string };

/** Gives `work` a signal that ends it in time, and does not wait for what does not listen to it, as a resolver. Throws: TIMEOUT. */
export async function untilDeadline<T>({ timeoutMs, signal, what }: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const end = AbortSignal.any([signal, timeout]);
  const ended = new Promise<never>((_resolve, reject) => {
    end.addEventListener('abort', () => reject(end.reason instanceof Error ? end.reason : new Error('it was stopped')), { once: true });
  });
  try {
    return await Promise.race([work(end), ended]);
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    throw new GimoError('TIMEOUT', { message: `${what} took longer than ${timeoutMs} ms.`, cause: error });
  }
}
