/** How long a provider asks us to wait. */
const MIN_MS = 200;
const MAX_MS = 60_000;

export type HeaderReader = { get: (name: string) => string | null };

/** Out: milliseconds within [200, 60000], null when no header says. The most exact header wins. `nowMs` is Unix time. */
export function retryAfterMs(headers: HeaderReader | null, nowMs: number): number | null {
  if (headers === null) return null;
  const waitMs = plainMs(headers.get('retry-after-ms')) ?? retryAfter(headers.get('retry-after'), nowMs) ?? resetMs(headers, nowMs);
  return waitMs === null ? null : Math.round(Math.min(MAX_MS, Math.max(MIN_MS, waitMs)));
}

function plainMs(value: string | null): number | null {
  return value !== null && /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : null;
}

/** RFC 9110: seconds or an HTTP date. */
function retryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const seconds = plainMs(value);
  return seconds === null ? dateMs(value, nowMs) : seconds * 1000;
}

function dateMs(value: string, nowMs: number): number | null {
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at - nowMs;
}

const BUDGETS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/** Resets of the budgets that are used up; of all of them when none is named as such. The longest counts. */
function resetMs(headers: HeaderReader, nowMs: number): number | null {
  const found: { waitMs: number; isSpent: boolean }[] = [];
  const note = (reset: string | null, remaining: string | null): void => {
    const waitMs = reset === null ? null : resetValueMs(reset.trim(), nowMs);
    if (waitMs !== null) found.push({ waitMs, isSpent: remaining?.trim() === '0' });
  };
  note(headers.get('x-ratelimit-reset'), headers.get('x-ratelimit-remaining'));
  for (const budget of BUDGETS) {
    note(headers.get(`x-ratelimit-reset-${budget}`), headers.get(`x-ratelimit-remaining-${budget}`));
    note(headers.get(`anthropic-ratelimit-${budget}-reset`), headers.get(`anthropic-ratelimit-${budget}-remaining`));
  }
  const spent = found.filter((entry) => entry.isSpent);
  const counted = spent.length > 0 ? spent : found;
  return counted.length === 0 ? null : Math.max(...counted.map((entry) => entry.waitMs));
}

const UNIT_MS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** `6m0s`, `120ms`, `7.66s` (OpenAI, Groq), an RFC 3339 time (Anthropic), Unix time in s or ms (OpenRouter), or seconds. */
function resetValueMs(value: string, nowMs: number): number | null {
  const plain = plainMs(value);
  if (plain !== null) {
    if (plain > 1e12) return plain - nowMs;
    return plain > 1e9 ? plain * 1000 - nowMs : plain * 1000;
  }
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(value)) return dateMs(value, nowMs);
  let totalMs = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return totalMs;
}
