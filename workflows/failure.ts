import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { ERRORS } from '#contract/error-table.ts';
import { errorCode, errorMessage, GimoError, INFRASTRUCTURE, type ErrorCode } from '#contract/errors.ts';
import type { ErrorInfo } from '#contract/run-state.ts';

/** A node did not do what it should: a result of the plan, not a fault of the interpreter. */
export class NodeFailure extends Error {
  readonly info: ErrorInfo;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.name = 'NodeFailure';
    this.info = info;
  }
}

export function errorInfo(code: ErrorCode, message: string, attempt: number): ErrorInfo {
  const row = ERRORS[code];
  return { code, message, hint: row.hint, retryable: row.retryable, attempt };
}

/**
 * What an activity failed of; undefined when it is not the failure of one. That of a local activity comes wrapped while a run is live
 * and bare when it is replayed (sdk-core writes it so into the marker), and both have to lead the same way.
 */
function activityCause(error: unknown): Error | undefined {
  if (error instanceof ActivityFailure) return error.cause ?? error;
  return error instanceof ApplicationFailure || error instanceof TimeoutFailure ? error : undefined;
}

/** The store or the worker is away, or it took too long: Temporal tries an activity again after that. */
export function isInfrastructureFailure(error: unknown): boolean {
  const cause = activityCause(error);
  if (cause instanceof TimeoutFailure) return true;
  const code = cause instanceof ApplicationFailure ? errorCode({ code: cause.type }) : null;
  return code !== null && INFRASTRUCTURE.has(code);
}

/** What a failed effect means to its node. Cancellation is not a failure and goes on up. Throws: what is neither. */
export function toNodeFailure(error: unknown, attempt: number): NodeFailure {
  if (error instanceof NodeFailure) return error;
  if (error instanceof GimoError) return new NodeFailure({ ...errorInfo(error.code, error.message, attempt), hint: error.hint });
  if (isCancellation(error)) throw error;
  const cause = activityCause(error);
  if (cause === undefined) throw error;
  if (cause instanceof TimeoutFailure) return new NodeFailure(errorInfo('TIMEOUT', 'It took longer than its limit.', attempt));
  const code = cause instanceof ApplicationFailure ? errorCode({ code: cause.type }) : null;
  return new NodeFailure(errorInfo(code ?? 'INTERNAL', errorMessage(cause), attempt));
}
