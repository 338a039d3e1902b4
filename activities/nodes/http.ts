import { GimoError } from '#contract/errors.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { NODE_KINDS } from '#contract/nodes/index.ts';
import { parseJsonBody } from '#contract/parse-body.ts';
import { redact } from '#platform/redact.ts';
import { guardedRequest, untilDeadline, type GuardedAnswer, type RequestProgress } from '../net/guarded-request.ts';
import { lookupAll, resolveTarget } from '../net/resolve-target.ts';
import { fillSecrets } from '../net/secrets.ts';
import { readOpsConfig } from '../runs/settings.ts';
import { FREE, type EffectAct, type EffectCall } from './act.ts';

/** Neither belongs into a history: one is about the connection, the other is a credential. */
const LEFT_OUT = new Set(['connection', 'keep-alive', 'transfer-encoding', 'set-cookie']);
const SHOWN_CHARS = 500;

/** Sends what the plan says to the address that was checked; what comes back is cut, and read as JSON when it says so. */
export const actHttp: EffectAct<'http'> = async (call) => {
  const started = performance.now();
  const progress: RequestProgress = { wasSent: false };
  const answer = await answerOf(call, progress).catch((error: unknown) => {
    throw call.signal.aborted || !progress.wasSent || isIdempotent(call) ? error : lostAnswer(call, error);
  });
  const output = { ...outputOf(answer), duration_ms: Math.round(performance.now() - started) };
  if (answer.status >= 400 && !call.with.allow_status.includes(answer.status)) throw failed(call, answer);
  return { result: { outcome: 'done', output, ...FREE }, facts: {} };
};

function isIdempotent(call: EffectCall<'http'>): boolean {
  return NODE_KINDS.http.effectMode?.(call.with) === 'idempotent';
}

async function answerOf(call: EffectCall<'http'>, progress: RequestProgress): Promise<GuardedAnswer> {
  const { deps, input } = call;
  const { method, url, max_bytes: maxBytes } = call.with;
  const config = await readOpsConfig(deps.gics);
  return untilDeadline({ timeoutMs: input.timeout_ms, signal: call.signal, what: `${method} ${url}` }, async (signal) => {
    const resolved = await resolveTarget(url, config.local_hosts, lookupAll);
    const secrets = fillSecrets(call.with.secret_headers, resolved, { config, env: deps.env });
    const { type, bytes } = bodyOf(call.with.body);
    const headers = { ...type, ...keyOf(call), ...lowerCase(call.with.headers), ...lowerCase(secrets) };
    return guardedRequest(resolved, { method, headers, body: bytes, maxBytes, signal }, progress);
  });
}

function bodyOf(body: Json | undefined): { type: Record<string, string>; bytes: Buffer | null } {
  if (body === undefined) return { type: {}, bytes: null };
  if (typeof body === 'string') return { type: { 'content-type': 'text/plain; charset=utf-8' }, bytes: Buffer.from(body) };
  return { type: { 'content-type': 'application/json' }, bytes: Buffer.from(JSON.stringify(body)) };
}

/** Names the effect to the other side, so that it can tell a repeat from a second request. */
function keyOf(call: EffectCall<'http'>): Record<string, string> {
  return isIdempotent(call) && !['GET', 'HEAD'].includes(call.with.method) ? { 'idempotency-key': call.key } : {};
}

function lowerCase(headers: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Secrets are masked in it where all outputs are. */
function outputOf(answer: GuardedAnswer): JsonObject {
  const entries = Object.entries(answer.headers).filter(([name, value]) => value !== undefined && !LEFT_OUT.has(name));
  const headers = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  const body = new TextDecoder().decode(answer.body);
  return { status: answer.status, headers, body, json: answer.truncated ? null : jsonOf(answer, body), truncated: answer.truncated };
}

/** Null when it does not say that it is JSON, or is not. */
function jsonOf({ headers }: GuardedAnswer, body: string): Json {
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return null;
  try {
    return parseJsonBody(body);
  } catch {
    return null;
  }
}

function failed({ with: { method, url } }: EffectCall<'http'>, answer: GuardedAnswer): GimoError {
  const text = redact(new TextDecoder().decode(answer.body)).trim().slice(0, SHOWN_CHARS);
  return new GimoError('HTTP_STATUS', { message: `${method} ${url} was answered with ${answer.status}${text === '' ? '.' : `: ${text}`}` });
}

/** It was sent, may not be sent twice, and nobody knows what became of it. */
function lostAnswer({ with: { method, url } }: EffectCall<'http'>, cause: unknown): GimoError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GimoError('OUTCOME_UNKNOWN', { message: `${method} ${url} was sent, but its answer did not arrive: ${why}`, cause });
}
