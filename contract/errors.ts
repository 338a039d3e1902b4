/** Coded failures; the codes are in error-table.ts. */
import { ERRORS } from './error-table.ts';
import type { Json } from './json.ts';

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** One fault of an input: where it is, and what is wrong there. `node` is null when the fault is not inside a node. */
export type Fault = { node: string | null; path: string; code: string; message: string };

export type GimoErrorOptions = { message?: string; hint?: string; faults?: Fault[]; data?: Record<string, Json>; cause?: unknown };

/** A coded failure. Compare `code`: `instanceof` does not survive a process or the workflow sandbox. */
export class GimoError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly faults: Fault[];
  readonly data: Record<string, Json>;

  constructor(code: ErrorCode, options: GimoErrorOptions = {}) {
    super(options.message ?? ERRORS[code].sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GimoError';
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.faults = options.faults ?? [];
    this.data = options.data ?? {};
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Infrastructure that is away: Temporal tries the activity again. Everything else is final. */
export const INFRASTRUCTURE: ReadonlySet<ErrorCode> = new Set(['GICS_UNAVAILABLE', 'GICS_FULL', 'TEMPORAL_UNAVAILABLE', 'WORKER_LOST']);

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}

/** The code of anything thrown, null when it has none. */
export function errorCode(error: unknown): ErrorCode | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return isErrorCode(code) ? code : null;
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
