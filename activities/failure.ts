import { ApplicationFailure } from '@temporalio/common';
import { ERRORS } from '#contract/error-table.ts';
import { errorCode, errorMessage, GimoError, INFRASTRUCTURE } from '#contract/errors.ts';
import type { ErrorInfo } from '#contract/run-state.ts';
import { redact } from '#platform/redact.ts';

/** The one place where errors become failures of Temporal. Texts are redacted, because histories are kept. */
export function toApplicationFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const code = errorCode(error);
  const message = redact(errorMessage(error));
  return ApplicationFailure.create({ message, type: code ?? 'INTERNAL', nonRetryable: code !== null && !INFRASTRUCTURE.has(code) });
}

export function isInfrastructure(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && INFRASTRUCTURE.has(code);
}

/** A failure as part of a node's state: coded, redacted, without anything that a provider or a process wrote at length. */
export function toErrorInfo(error: unknown, attempt: number): ErrorInfo {
  const code = errorCode(error) ?? 'INTERNAL';
  const hint = error instanceof GimoError ? error.hint : ERRORS[code].hint;
  return { code, message: redact(errorMessage(error)).slice(0, 2000), hint, retryable: ERRORS[code].retryable, attempt };
}

/** What a failed call cost, as far as its error says; 0 for errors of what costs nothing, null = unknown. */
export function costOf(error: unknown): number | null {
  if (!(error instanceof GimoError) || !('cost_usd' in error.data)) return 0;
  return typeof error.data['cost_usd'] === 'number' ? error.data['cost_usd'] : null;
}

/** Whom a failed call was made to, so that what it cost is recorded there; nothing where it cost nothing. */
export function callFacts(error: unknown): { provider?: string; model?: string } {
  if (costOf(error) === 0 || !(error instanceof GimoError)) return {};
  const { provider, model } = error.data;
  return { ...(typeof provider === 'string' ? { provider } : {}), ...(typeof model === 'string' ? { model } : {}) };
}
