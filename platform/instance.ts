/** What `npm start` writes about the running instance. The supervisor is the only writer; the API reads it for /ready, the CLI to find the address. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from '#contract/zod.ts';
import { writeFileAtomic } from './files.ts';
import { isSameProcess } from './processes.ts';

export const PART_STATES = ['starting', 'ready', 'restarting', 'stopped'] as const;
export const PartStateSchema = z.object({
  pid: z.number().int().nullable(),
  /** See platform/processes.ts: with the pid it names one process. */
  start_time: z.string().nullable(),
  state: z.enum(PART_STATES),
  restarts: z.number().int(),
  /** When this state began, in ms. */
  since: z.number(),
  last_exit: z.object({ at: z.number(), code: z.number().nullable(), signal: z.string().nullable(), line: z.string() }).nullable(),
});
export type PartState = z.infer<typeof PartStateSchema>;

export const InstanceSchema = z.object({
  pid: z.number().int(),
  start_time: z.string(),
  started_at: z.number(),
  /** Base URL of the API and the dashboard. */
  url: z.string(),
  host: z.string(),
  port: z.number().int(),
  repo: z.string(),
  temporal_address: z.string(),
  temporal_port: z.number().int().nullable(),
  temporal_ui_port: z.number().int().nullable(),
  /** Base URL of Temporal Web, null when not known. */
  temporal_ui: z.string().nullable(),
  /** True from the first time that everything was ready until the stop. */
  is_up: z.boolean(),
  parts: z.record(z.string(), PartStateSchema),
});
export type Instance = z.infer<typeof InstanceSchema>;

/** Out: null when no instance was started here yet. Throws: a sentence that names the file and what to do. */
export function readInstance(file: string): Instance | null {
  if (!existsSync(file)) return null;
  try {
    return InstanceSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} cannot be read: stop what still runs of this instance, delete the file and start again.`, { cause: error });
  }
}

export function writeInstance(file: string, instance: Instance): void {
  writeFileAtomic(file, `${JSON.stringify(instance, null, 2)}\n`);
}

/** Whether the process that wrote it is there and has not had everything ready yet. */
export function isStarting(instance: Instance): boolean {
  return !instance.is_up && isSameProcess(instance);
}
