/** The three role tokens of an instance: from the environment, else from a file with mode 0600 that the first start makes. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from '#contract/zod.ts';
import { writeFileAtomic } from './files.ts';

const Token = z.string().min(16);
const TokensFileSchema = z.strictObject({ admin: Token.optional(), operator: Token.optional(), actions: Token.optional() });

export type Role = 'admin' | 'operator' | 'actions';
export const ROLES = ['admin', 'operator', 'actions'] as const satisfies readonly Role[];
export type GivenTokens = Record<Role, string | null>;
export type RoleTokens = Record<Role, string>;

export function newToken(): string {
  return `gimo_${randomBytes(32).toString('base64url')}`;
}

/** In: the tokens of the environment. Out: all three; those that are in neither place are made and written to the file. */
export function ensureTokens(file: string, given: GivenTokens): RoleTokens {
  const stored = readTokensFile(file);
  const missing = ROLES.filter((role) => given[role] === null && stored[role] === undefined);
  for (const role of missing) stored[role] = newToken();
  if (missing.length > 0) writeTokensFile(file, stored);
  const of = (role: Role): string => given[role] ?? stored[role] ?? '';
  return { admin: of('admin'), operator: of('operator'), actions: of('actions') };
}

/** Replaces the stored tokens of these roles; the ones of the environment are not touched. Out: all stored tokens. */
export function resetTokens(file: string, roles: readonly Role[]): Partial<RoleTokens> {
  const stored = readTokensFile(file);
  for (const role of roles) stored[role] = newToken();
  writeTokensFile(file, stored);
  return stored;
}

function writeTokensFile(file: string, tokens: Partial<RoleTokens>): void {
  writeFileAtomic(file, `${JSON.stringify(tokens, null, 2)}\n`, 0o600);
}

function readTokensFile(file: string): Partial<RoleTokens> {
  if (!existsSync(file)) return {};
  try {
    return TokensFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} cannot be read: delete it, and the next start makes new tokens.`, { cause: error });
  }
}
