/**
 * Everything that can go wrong with a provider, as codes of contract/error-table.ts.
 * A provider's error body may quote the request, so none of it enters our message: only status, known code, request id.
 */
import { GimoError, type ErrorCode } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { redact } from '#platform/redact.ts';
import { retryAfterMs, type HeaderReader } from './retry-after.ts';

/** `streaming`: the answer had begun, so a lost connection is a truncated answer and not an absent provider. */
export type FailureContext = { provider: string; model: string; phase: 'connecting' | 'streaming'; nowMs: number };

/** In: whatever a client threw. Out: the coded error; `data` has provider, model, status, reason, request_id, retry_after_ms. */
export function providerFailure(error: unknown, context: FailureContext): GimoError {
  const seen = read(error);
  const code = codeOf(seen, context.phase);
  const facts = [
    seen.status === null ? null : `status ${seen.status}`,
    seen.reason,
    seen.requestId === null ? null : `request ${seen.requestId}`,
  ].filter((fact) => fact !== null);
  const retryMs = code === 'PROVIDER_RATE_LIMITED' || code === 'PROVIDER_UNAVAILABLE' ? retryAfterMs(seen.headers, context.nowMs) : null;
  const data: Record<string, Json> = {
    provider: context.provider,
    model: context.model,
    status: seen.status,
    reason: seen.reason,
    request_id: seen.requestId,
    ...(retryMs === null ? {} : { retry_after_ms: retryMs }),
  };
  const ending = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  return new GimoError(code, { message: redact(`${SENTENCES[code](context)}${ending}.`), data });
}

type Sentence = (context: FailureContext) => string;
const SENTENCES = {
  PROVIDER_RATE_LIMITED: (c) => `The provider ${c.provider} limits our rate`,
  PROVIDER_QUOTA: (c) => `The quota or credit at the provider ${c.provider} is used up`,
  PROVIDER_UNAVAILABLE: (c) => `The provider ${c.provider} does not answer`,
  PROVIDER_REFUSED_REQUEST: (c) => `The provider ${c.provider} refused the request for the model ${c.model}`,
  PROVIDER_AUTH: (c) => `The provider ${c.provider} refused the key`,
  PROVIDER_CONTEXT_TOO_LONG: (c) => `The prompt is longer than the model ${c.model} takes`,
  PROVIDER_REFUSAL: (c) => `The model ${c.model} refused to answer`,
  PROVIDER_TRUNCATED: (c) => `The answer of the provider ${c.provider} broke off`,
} as const satisfies Partial<Record<ErrorCode, Sentence>>;
type FailureCode = keyof typeof SENTENCES;

// What providers call their faults, and the status that says the same where an error arrives inside the stream without one.
const REASONS: Record<string, FailureCode> = {
  insufficient_quota: 'PROVIDER_QUOTA',
  billing_hard_limit_reached: 'PROVIDER_QUOTA',
  billing_not_active: 'PROVIDER_QUOTA',
  billing_error: 'PROVIDER_QUOTA',
  context_length_exceeded: 'PROVIDER_CONTEXT_TOO_LONG',
  exceed_context_size_error: 'PROVIDER_CONTEXT_TOO_LONG',
  request_too_large: 'PROVIDER_CONTEXT_TOO_LONG',
  content_filter: 'PROVIDER_REFUSAL',
  content_policy_violation: 'PROVIDER_REFUSAL',
  rate_limit_exceeded: 'PROVIDER_RATE_LIMITED',
  rate_limit_error: 'PROVIDER_RATE_LIMITED',
  invalid_api_key: 'PROVIDER_AUTH',
  authentication_error: 'PROVIDER_AUTH',
  permission_error: 'PROVIDER_AUTH',
  model_not_found: 'PROVIDER_REFUSED_REQUEST',
  not_found_error: 'PROVIDER_REFUSED_REQUEST',
  invalid_request_error: 'PROVIDER_REFUSED_REQUEST',
  overloaded_error: 'PROVIDER_UNAVAILABLE',
  api_error: 'PROVIDER_UNAVAILABLE',
  server_error: 'PROVIDER_UNAVAILABLE',
  timeout_error: 'PROVIDER_UNAVAILABLE',
};
// These say more than the status they come with (429, 400, 403, …); the rest only fill in for a missing status.
const STRONG = new Set<FailureCode>(['PROVIDER_QUOTA', 'PROVIDER_CONTEXT_TOO_LONG', 'PROVIDER_REFUSAL']);

// Only as words to look for in the body; what stands around them is never shown.
const CONTEXT_WORDS = /context (?:length|window|size)|maximum context|prompt is too long|input is too long|too many (?:input )?tokens/i;
const CREDIT_WORDS = /credit balance is too low|insufficient (?:credits|balance)/i;
const NETWORK_CODE = /^(?:E[A-Z0-9_]{2,40}|UND_ERR_[A-Z_]{2,40}|CERT_[A-Z_]{2,40}|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/;

type Seen = {
  status: number | null;
  reason: string | null;
  known: FailureCode | null;
  requestId: string | null;
  headers: HeaderReader | null;
  isFlagged: boolean;
  bodyText: string;
};

function codeOf(seen: Seen, phase: FailureContext['phase']): FailureCode {
  if (seen.isFlagged) return 'PROVIDER_REFUSAL';
  if (seen.known !== null && STRONG.has(seen.known)) return seen.known;
  if (seen.status === null) return seen.known ?? (phase === 'streaming' ? 'PROVIDER_TRUNCATED' : 'PROVIDER_UNAVAILABLE');
  return codeOfStatus(seen.status, seen.bodyText);
}

function codeOfStatus(status: number, bodyText: string): FailureCode {
  if (status === 401 || status === 403) return 'PROVIDER_AUTH';
  if (status === 402) return 'PROVIDER_QUOTA';
  if (status === 413) return 'PROVIDER_CONTEXT_TOO_LONG';
  if (status === 429) return 'PROVIDER_RATE_LIMITED';
  if (status === 408 || status === 409 || status >= 500) return 'PROVIDER_UNAVAILABLE';
  if (CREDIT_WORDS.test(bodyText)) return 'PROVIDER_QUOTA';
  return CONTEXT_WORDS.test(bodyText) ? 'PROVIDER_CONTEXT_TOO_LONG' : 'PROVIDER_REFUSED_REQUEST';
}

function read(error: unknown): Seen {
  const top = fields(error);
  const outer = fields(top['error']);
  // Anthropic wraps its error once more.
  const body = Object.keys(fields(outer['error'])).length > 0 ? fields(outer['error']) : outer;
  const names = [body['code'], body['type'], top['code'], top['type']].filter((name) => typeof name === 'string');
  const reason = names.find((name) => Object.hasOwn(REASONS, name)) ?? null;
  // OpenRouter reports a fault of the upstream inside the stream as a number.
  const inner = typeof body['code'] === 'number' ? body['code'] : null;
  const requestId = top['requestID'];
  return {
    status: typeof top['status'] === 'number' ? top['status'] : inner,
    reason: reason ?? networkCode(error),
    known: reason === null ? null : (REASONS[reason] ?? null),
    requestId: typeof requestId === 'string' && /^[\w.:-]{1,100}$/.test(requestId) ? requestId : null,
    headers: isHeaders(top['headers']) ? top['headers'] : null,
    isFlagged: 'flagged_input' in fields(body['metadata']),
    bodyText: typeof body['message'] === 'string' ? body['message'].slice(0, 4000) : '',
  };
}

/** The system's own code (ECONNREFUSED, …) from the chain of causes. */
function networkCode(error: unknown): string | null {
  let current = error;
  for (let depth = 0; depth < 5; depth++) {
    const { code, cause, errors } = fields(current);
    if (typeof code === 'string' && NETWORK_CODE.test(code)) return code;
    current = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return null;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isHeaders(value: unknown): value is HeaderReader {
  return value instanceof Headers;
}
