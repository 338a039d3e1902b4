import { APPROVER_ROLES, AuthorSchema, StageSchema } from './approval-rule.ts';
import { VoteSchema } from './decision.ts';
import { z } from './zod.ts';

/** Who has to agree, and who has. `role`: that of the next vote. `quorum`: how many people in all. */
export const ApproversSchema = z.object({
  role: z.enum(APPROVER_ROLES),
  quorum: z.int(),
  classes: z.array(z.enum(['human', 'agent'])),
  stages: z.array(StageSchema),
  /** Whether authors may agree to it. */
  allows_self: z.boolean(),
  authors: z.array(AuthorSchema),
  votes: z.array(VoteSchema.pick({ by: true, by_name: true, at: true, comment: true })),
});
