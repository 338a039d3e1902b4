import type { IncomingMessage, ServerResponse } from 'node:http';
import { GimoError, type ErrorCode } from '#contract/errors.ts';
import { DETACHED } from './handlers.ts';
import { isSameToken, type ConnectionParts } from './connection.ts';

function isAllowed(request: IncomingMessage, token: string | null): boolean {
  if (token === null) return true;
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return given !== undefined && isSameToken(token, given);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function refuse(response: ServerResponse, code: ErrorCode): void {
  const error = new GimoError(code);
  answer(response, error.status, { code, message: error.message, hint: error.hint });
}

/** For people and health checks: GET /health (open) and GET /status (with the token, where one is set). Never throws. */
export async function answerPeople(request: IncomingMessage, response: ServerResponse, parts: ConnectionParts): Promise<void> {
  request.resume();
  if (request.method !== 'GET') return refuse(response, 'METHOD_NOT_ALLOWED');
  if (request.url === '/health') return answer(response, 200, { ok: true, version: parts.version });
  if (request.url !== '/status') return refuse(response, 'NOT_FOUND');
  if (!isAllowed(request, parts.token)) return refuse(response, 'UNAUTHENTICATED');
  try {
    answer(response, 200, await parts.handlers.status({}, DETACHED));
  } catch (error) {
    parts.log.error({ err: error }, 'the status could not be read');
    refuse(response, 'INTERNAL');
  }
}
