/** What deciding costs the people who do it. */
import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, route } from './route.ts';

const Load = {
  decisions: z.int(),
  approved: z.int(),
  rejected: z.int(),
  /** The most in any one hour: many an hour are not read any more. */
  most_per_hour: z.int(),
  /** Median time from the first look to the decision; null when no look is known of any. */
  median_view_ms: z.number().nullable(),
  /** Decisions by somebody whom this process had not shown what they decided on: through another process, or not at all. */
  views_unknown: z.int(),
};

export const ApprovalStatsSchema = z.object({
  since: z.iso.datetime(),
  ...Load,
  by_person: z.array(z.object({ actor: z.string(), name: z.string().nullable(), ...Load })),
  /** True when there were more entries than are read at once, and older ones were left out. */
  partial: z.boolean(),
});
export type ApprovalStats = z.output<typeof ApprovalStatsSchema>;

export const statsRoutes = {
  stats_approvals: route({
    method: 'GET',
    path: '/ops/stats/approvals',
    summary: 'How many decisions each person made, in an hour at most, and how long they looked',
    role: 'operator',
    classes: BOTH,
    query: z.strictObject({ hours: z.coerce.number().int().min(1).max(720).default(24) }),
    responses: { 200: ApprovalStatsSchema },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
} as const;
