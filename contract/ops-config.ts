import { ApprovalConfigSchema } from './approval-rule.ts';
import { AgentTrustSchema } from './agents.ts';
import { DailyCapsSchema } from './caps.ts';
import { FENCE_PARTS } from './fence-parts.ts';
import { HostSchema, LocalHostSchema } from './http-target.ts';
import { z } from './zod.ts';

export const SecretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable')
  .refine((name) => !/^(?:ORCH|GIMO)_/.test(name), 'may not name a variable of GIMO itself (ORCH_…, GIMO_…)');

export const OpsConfigSchema = z.strictObject({
  /** Whether approving also starts a run when `auto_run` is not given. */
  default_auto_run: z.boolean().default(false),
  /** Rejected and error drafts are removed after this many days. */
  draft_cleanup_ttl_days: z.int().min(0).max(3650).default(7),
  /** Runs beyond this number wait as `pending`. */
  max_concurrent_runs: z.int().min(1).max(1000).default(20),
  /** While it is there no run gets a place, as before an upgrade; the runs that `gimo drain` paused, to be resumed after it. */
  drain: z
    .strictObject({ paused_runs: z.array(z.string().max(64)).max(1000) })
    .nullable()
    .default(null),
  /** The longest time that a spawn may ask for. */
  max_spawn_seconds: z.int().min(1).max(86_400).default(300),
  /** Parts of the fence without which no run that needs a fence begins. */
  fence_required: z.array(z.enum(FENCE_PARTS)).max(FENCE_PARTS.length).default([]),
  /** Whether operators may call /ops/generate. */
  operator_can_generate: z.boolean().default(false),
  /** Services of the local network, as host:port, that nodes and webhooks may call all the same. */
  local_hosts: z.array(LocalHostSchema).max(100).default([]),
  /** What all runs together may spend in a day (UTC). */
  daily_caps: DailyCapsSchema.prefault({}),
  /** What agents may do, by how far they are trusted. */
  agent_trust: AgentTrustSchema.prefault({}),
  /** Environment variables that nodes may send as secrets, each with the hosts that it may be sent to. */
  node_secrets: z.record(SecretName, z.array(HostSchema).min(1).max(50)).default({}),
  /** How many people have to agree to a plan, and whether its authors may. */
  approval: ApprovalConfigSchema.prefault({}),
});
export type OpsConfig = z.output<typeof OpsConfigSchema>;
