import type { Fault } from '#contract/errors.ts';
import { ProblemSchema } from '#contract/objects.ts';

type Fields = { status: number; code: string; hint: string; faults?: Fault[]; correlationId?: string | null };

/** A call that failed. Compare `code`; `UNREACHABLE` and `BAD_ANSWER` are the browser's own. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly faults: Fault[];
  readonly correlationId: string | null;

  constructor(message: string, fields: Fields) {
    super(message);
    this.name = 'ApiError';
    this.status = fields.status;
    this.code = fields.code;
    this.hint = fields.hint;
    this.faults = fields.faults ?? [];
    this.correlationId = fields.correlationId ?? null;
  }
}

export function unreachable(): ApiError {
  return new ApiError('GIMO does not answer.', {
    status: 0,
    code: 'UNREACHABLE',
    hint: 'Nothing is known of whether the request arrived. Check that `npm start` is still running, then try again.',
  });
}

export function badAnswer(status: number, detail: string): ApiError {
  return new ApiError('The answer is not what this version of the dashboard expects.', {
    status,
    code: 'BAD_ANSWER',
    hint: `Reload the page; if it stays, the server is of another version. ${detail}`,
  });
}

/** In: status and body of a failed answer. Out: the coded error; a body that is no problem document is quoted. */
export function problemOf(status: number, body: string): ApiError {
  const parsed = ProblemSchema.safeParse(readJson(body));
  if (!parsed.success) return badAnswer(status, `Status ${status}. ${body.slice(0, 200)}`);
  const { detail, title, code, hint, faults, correlation_id } = parsed.data;
  return new ApiError(detail || title, { status, code, hint, faults, correlationId: correlation_id });
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller's schema refuses it
  }
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return badAnswer(0, error instanceof Error ? error.message : String(error));
}
