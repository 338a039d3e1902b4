import { ID_PATTERNS, type IdKind } from '../ids.ts';
import { z } from '../zod.ts';

export const PAGE_LIMIT_MAX = 200;

/** A cursor that no answer gave would begin anywhere, or behind the end, and look like an empty list. */
function pageQuery(cursor: RegExp) {
  return z.strictObject({
    limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(50),
    cursor: z.string().regex(cursor, 'is not one that an answer gave').optional(),
  });
}

/** Pages of objects: each begins behind the last one of the page before. */
export const pagesOf = (kind: IdKind) => pageQuery(ID_PATTERNS[kind]);

/** Pages of a numbered log. */
export const LogPages = pageQuery(/^\d{1,15}$/);
