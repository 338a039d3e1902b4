/** Tokens as hashes: the only form in which this process compares them. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ROLES, type Role } from '#contract/objects.ts';
import { addSecret } from '#platform/redact.ts';
import type { RoleTokens } from '#platform/tokens.ts';

const LABEL_DIGITS = 12;

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `role:<first 12 hex digits of SHA-256 of the token>`. */
export function labelOf(role: Role, token: string): string {
  return `${role}:${sha256(token).toString('hex').slice(0, LABEL_DIGITS)}`;
}

export type Credentials = {
  /** The role of a token, null when it is none of ours. Takes the same time for every token. */
  roleOf(token: string): Role | null;
  /** The actor label of a role's current token. */
  label(role: Role): string;
};

export function createCredentials(tokens: RoleTokens): Credentials {
  const known = ROLES.map((role) => ({ role, hash: sha256(tokens[role]), label: labelOf(role, tokens[role]) }));
  for (const role of ROLES) addSecret(tokens[role]);
  const labels = new Map(known.map(({ role, label }) => [role, label]));
  return {
    roleOf: (token) => {
      const hash = sha256(token);
      // All are compared, so that the time does not tell which one matched.
      return known.filter((item) => timingSafeEqual(item.hash, hash)).at(-1)?.role ?? null;
    },
    label: (role) => labels.get(role) ?? '',
  };
}
