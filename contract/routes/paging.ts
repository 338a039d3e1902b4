import { z } from '../zod.ts';

export const PAGE_LIMIT_MAX = 200;
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(50),
  cursor: z.string().max(200).optional(),
});
