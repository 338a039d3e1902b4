/** Named tokens: credentials of people and agents, beside the three role tokens with which an instance begins. */
import { firstInvisible } from './invisible.ts';
import { mixedWord } from './lookalike.ts';
import { ROLES, TOKEN_CLASSES } from './objects.ts';
import { z } from './zod.ts';

export const TOKEN_DAYS = { default: 30, max: 365 } as const;

const Time = z.iso.datetime();
/** Names tell people apart: one line, nothing that cannot be seen, no word of two alphabets. */
const isPlainName = (text: string): boolean => firstInvisible(text) === -1 && !/[\t\n\r]/.test(text) && mixedWord(text) === null;

export const TokenSchema = z.object({
  id: z.string(),
  /** Whose it is: the name that stands beside every decision made with it. */
  label: z.string(),
  role: z.enum(ROLES),
  class: z.enum(TOKEN_CLASSES),
  /** How it is named in records: `role:<first 12 hex digits of its SHA-256>`. */
  actor: z.string(),
  created_at: Time,
  created_by: z.string(),
  /** Whose an agent is: the person who made its token. What it writes counts as theirs. */
  owner: z.string().optional(),
  expires_at: Time,
  /** To within a minute; null when it was never used. */
  last_used_at: Time.nullable(),
  revoked_at: Time.nullable(),
  revoked_by: z.string().nullable(),
});
export type Token = z.output<typeof TokenSchema>;

/** What GICS holds: the token itself never. */
export type TokenRecord = Token & { hash: string };

export const TokenCreate = z
  .strictObject({
    label: z.string().trim().min(1).max(100).refine(isPlainName, 'must be one line in one alphabet, without invisible characters'),
    role: z.enum(ROLES),
    class: z.enum(TOKEN_CLASSES).default('human'),
    expires_days: z.int().min(1).max(TOKEN_DAYS.max).optional(),
    expires_at: Time.optional(),
  })
  .refine((body) => body.expires_days === undefined || body.expires_at === undefined, 'give expires_days or expires_at, not both');
export type NewToken = z.output<typeof TokenCreate>;

/** `token` is null when the same request is sent again: the value is shown once and stored nowhere. */
export const TokenMade = TokenSchema.extend({ token: z.string().nullable() });
