/**
 * Secrets are cut out of everything that leaves a process or is stored: log lines, errors, events, output, audit details.
 * A secret is known when it was read here (tokens, resolved provider keys) or when it looks like a credential:
 * docs/files-and-secrets.md describes the rules.
 */
import type { Json, JsonObject } from '#contract/json.ts';
import { addSecret, findSecrets, MASKS, maskSecrets } from './redaction/find-secrets.ts';

export { addSecret };
export { StreamRedactor } from './redaction/stream-redactor.ts';

/** Out: the text with a mask in place of each secret. */
export function redact(text: string): string {
  return maskSecrets(text, findSecrets(text));
}

/** The same, and how many were masked. */
export function redactCounted(text: string): { text: string; count: number } {
  const found = findSecrets(text);
  return { text: maskSecrets(text, found), count: found.length };
}

/** The first mask of a rule in a text, null when there is none. */
export function findMask(text: string): string | null {
  if (!text.includes('[redacted:')) return null;
  return MASKS.find((mask) => text.includes(mask)) ?? null;
}

/** The same for every text inside of a value. What a field holds is judged together with the name of the field. */
export function redactJson(value: Json): Json {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactJson);
  if (typeof value !== 'object' || value === null) return value;
  return redactFields(value);
}

function redactFields(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [redact(name), typeof field === 'string' ? redactField(name, field) : redactJson(field)]),
  );
}

function redactField(name: string, text: string): string {
  const before = `${name}=`;
  const masked = redact(before + text);
  return masked.startsWith(before) ? masked.slice(before.length) : redact(text);
}
