/** What the HTTP server takes from a client before any of our code runs: sizes, times, and how it says no. */
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { GimoError, type ErrorCode } from '#contract/errors.ts';
import { problemOf } from './plugins/problem.ts';

/**
 * Times in ms. A body must have arrived after `request`, the headers after `headers`; a connection on which nothing moves ends after `idle`;
 * open streams give a sign of life every `stream`.
 */
export type HttpTimes = { headers: number; request: number; idle: number; keepAlive: number; check: number; stream: number };

export const HTTP_TIMES: HttpTimes = { headers: 15_000, request: 60_000, idle: 120_000, keepAlive: 10_000, check: 2000, stream: 15_000 };
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_REQUESTS_PER_SOCKET = 10_000;

const CODES: Record<string, { status: number; code: ErrorCode; message: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'BAD_REQUEST', message: `The headers are larger than ${MAX_HEADER_BYTES} bytes.` },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'BAD_REQUEST', message: 'The request did not arrive in time.' },
};
const MALFORMED = { status: 400, code: 'BAD_REQUEST', message: 'This is not a well-formed HTTP request.' } as const;

/** The last words to a client whose request could not be read. */
export function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, code, message } = CODES[error.code ?? ''] ?? MALFORMED;
  const problem = { ...problemOf(new GimoError(code, { message }), randomUUID()), status };
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${status === 408 ? 'Request Timeout' : 'Bad Request'}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

export function serverOptions(times: HttpTimes) {
  return {
    connectionTimeout: times.idle,
    requestTimeout: times.request,
    keepAliveTimeout: times.keepAlive,
    maxRequestsPerSocket: MAX_REQUESTS_PER_SOCKET,
    forceCloseConnections: true,
    clientErrorHandler: onClientError,
    http: { headersTimeout: times.headers, connectionsCheckingInterval: times.check, maxHeaderSize: MAX_HEADER_BYTES },
  };
}
