/** The role tokens as hashes: the only form in which this process compares them. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ROLES, type Role, type TokenClass } from '#contract/objects.ts';
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

/** Whose a valid token is. The role tokens of an instance have no name, no record and no end. */
export type Holder = {
  label: string;
  role: Role;
  class: TokenClass;
  name: string | null;
  /** Of an agent: the person whose it is. */
  owner: string | null;
  tokenId: string | null;
  expiresAt: string | null;
};

export type Credentials = {
  /** The holder of a role's token, null when it is none of these. Takes the same time for every token. */
  holderOf(token: string): Holder | null;
  /** The holder of a role's current token. */
  ofRole(role: Role): Holder;
};

export function createCredentials(tokens: RoleTokens): Credentials {
  const holder = (role: Role): Holder => ({
    label: labelOf(role, tokens[role]),
    role,
    class: 'human',
    name: null,
    owner: null,
    tokenId: null,
    expiresAt: null,
  });
  const holders: Record<Role, Holder> = { actions: holder('actions'), operator: holder('operator'), admin: holder('admin') };
  const known = ROLES.map((role) => ({ holder: holders[role], hash: sha256(tokens[role]) }));
  for (const role of ROLES) addSecret(tokens[role]);
  return {
    holderOf: (token) => {
      const hash = sha256(token);
      // All are compared, so that the time does not tell which one matched.
      return known.filter((item) => timingSafeEqual(item.hash, hash)).at(-1)?.holder ?? null;
    },
    ofRole: (role) => holders[role],
  };
}
