/** Every failure leaves as an RFC 9457 problem document; what is inside a failure of ours stays in the log. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS } from '#contract/error-table.ts';
import { errorCode, GimoError, type ErrorCode, type Fault } from '#contract/errors.ts';
import type { Problem } from '#contract/objects.ts';
import { redact } from '#platform/redact.ts';

const FIRST_SERVER_FAULT = 500;
/** Codes of Fastify's own refusals. */
const FRAMEWORK_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

/** The coded form of anything thrown. */
export function toGimoError(error: unknown): GimoError {
  if (error instanceof GimoError) return error;
  const code = errorCode(error);
  if (code !== null) return new GimoError(code, { cause: error });
  const framework = frameworkCode(error);
  return new GimoError(framework ?? 'INTERNAL', { cause: error });
}

function frameworkCode(error: unknown): ErrorCode | null {
  if (typeof error !== 'object' || error === null) return null;
  const code = 'code' in error && typeof error.code === 'string' ? FRAMEWORK_CODES[error.code] : undefined;
  if (code !== undefined) return code;
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : FIRST_SERVER_FAULT;
  return status >= 400 && status < FIRST_SERVER_FAULT ? 'BAD_REQUEST' : null;
}

export function problemOf(error: GimoError, correlationId: string): Problem {
  const { status, sentence, hint } = ERRORS[error.code];
  const isOurs = status >= FIRST_SERVER_FAULT;
  return {
    type: `urn:gimo:error:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: sentence,
    status,
    detail: isOurs ? sentence : error.message,
    code: error.code,
    hint: isOurs ? hint : error.hint,
    correlation_id: correlationId,
    ...(error.faults.length > 0 ? { faults: error.faults } : {}),
  };
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = toGimoError(thrown);
  const problem = problemOf(error, request.id);
  if (problem.status >= FIRST_SERVER_FAULT) request.log.error({ err: thrown }, 'the request failed');
  if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer');
  const { retry_after_s: seconds } = error.data;
  if (error.retryable) void reply.header('retry-after', typeof seconds === 'number' ? String(seconds) : '1');
  return reply
    .code(problem.status)
    .header('x-correlation-id', request.id)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/problem+json; charset=utf-8')
    .serializer((text: unknown) => String(text))
    .send(redact(JSON.stringify(problem)));
}

export function fault(path: string, message: string, code = 'INVALID'): Fault {
  return { node: null, path, code, message };
}
