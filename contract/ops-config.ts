import { z } from './zod.ts';

export const OpsConfigSchema = z.strictObject({
  /** Whether approving also starts a run when `auto_run` is not given. */
  default_auto_run: z.boolean().default(false),
  /** Rejected and error drafts are removed after this many days. */
  draft_cleanup_ttl_days: z.int().min(0).max(3650).default(7),
  /** Runs beyond this number wait as `pending`. */
  max_concurrent_runs: z.int().min(1).max(1000).default(20),
  /** Whether operators may call /ops/generate. */
  operator_can_generate: z.boolean().default(false),
});
export type OpsConfig = z.output<typeof OpsConfigSchema>;
