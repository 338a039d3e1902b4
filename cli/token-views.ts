/** Tokens in a terminal: what they are, and until when; the rest is in --json. */
import type { RouteId } from '#contract/routes/index.ts';
import type { Token } from '#contract/tokens.ts';
import { answerLines } from './table.ts';
import type { Paint } from './terminal.ts';

const day = (at: string | null): string | null => at?.slice(0, 'yyyy-mm-dd'.length) ?? null;

function tokenLines(tokens: Token[], paint: Paint, width: number): string[] {
  const rows = tokens.map(({ id, label, role, class: tokenClass, expires_at, revoked_at }) => ({
    id,
    label,
    role,
    class: tokenClass,
    expires_at: day(expires_at),
    revoked_at: day(revoked_at),
  }));
  return answerLines(rows, width, paint);
}

export const TOKEN_VIEWS: Partial<Record<RouteId, (data: never, paint: Paint, width: number) => string[]>> = { tokens_list: tokenLines };
