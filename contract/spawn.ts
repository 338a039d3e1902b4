/**
 * A spawn: one program, asked for by its command line. It is a plan of one `process` node and goes the way of every plan; this is the record
 * that ties what was asked for to the draft, the approval and the run that came of it.
 */
import { ApprovedId, DraftId, GrantId, RunId, SpawnId } from './ids.ts';
import { ErrorInfoSchema } from './run-summary.ts';
import { RUN_STATUSES } from './run-state.ts';
import { hasReference } from './template.ts';
import { z } from './zod.ts';

export const SPAWN_NODE = 'spawn';

/** A spawn says what it runs; there is nothing that a reference could refer to. */
const Word = z.string().refine((text) => !hasReference(text), 'must not hold a reference (`${{ }}`)');

const asked = {
  name: z.string().trim().min(1).max(100),
  command: Word.min(1).max(4096),
  args: z.array(Word.max(100_000)).max(255).default([]),
  /** The most is what the configuration says: `max_spawn_seconds`. */
  timeout_seconds: z.int().min(1).max(86_400).default(60),
  max_memory_mb: z.int().min(16).max(65_536).default(512),
} as const;

/** `grant_id`: only this standing grant is asked; by default the first that covers it. */
export const SpawnRequestSchema = z.strictObject({ ...asked, grant_id: GrantId.optional() });
export type SpawnRequest = z.output<typeof SpawnRequestSchema>;

/** `draft`: it waits for a person. `approved`: a person has said yes, and no run of it was started. The others are those of its run. */
export const SPAWN_STATUSES = ['draft', 'rejected', 'approved', ...RUN_STATUSES] as const;

/** What is stored. */
export type SpawnRecord = Required<Omit<SpawnRequest, 'grant_id'>> & {
  id: string;
  draft_id: string;
  created_at: string;
  created_by: string;
  /** Why no standing grant approved it when it was asked for; null when one did. */
  refusal: string | null;
};

export const SpawnSchema = z.object({
  spawn_id: SpawnId,
  ...asked,
  status: z.enum(SPAWN_STATUSES),
  /** What it waits for, and what to do; empty when it waits for nobody. */
  why: z.string(),
  draft_id: DraftId,
  /** Whether somebody changed the draft since: then the draft says what runs. */
  is_edited: z.boolean(),
  approved_id: ApprovedId.nullable(),
  run_id: RunId.nullable(),
  created_at: z.string(),
  created_by: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  exit_code: z.int().nullable(),
  error: ErrorInfoSchema.nullable(),
});
export type Spawn = z.output<typeof SpawnSchema>;

/** The plan of a spawn, as it is checked and approved. */
export function spawnPlan({ name, command, args, timeout_seconds, max_memory_mb }: Omit<SpawnRequest, 'grant_id'>): object {
  return {
    version: 1,
    title: `Spawn: ${name}`,
    nodes: [
      {
        id: SPAWN_NODE,
        kind: 'process',
        with: { argv: [command, ...args], memory_mb: max_memory_mb },
        timeout_ms: timeout_seconds * 1000,
      },
    ],
    outputs: { exit_code: `nodes.${SPAWN_NODE}.output.exit_code` },
  };
}
