/** One thing that a plan may do. */
import { z } from './zod.ts';

export const CapabilitySchema = z.object({
  type: z.string(),
  value: z.string(),
  nodes: z.array(z.string()),
  /** What the name stands for at the moment, where it can be another thing tomorrow. */
  now: z.string().optional(),
});
export type Capability = z.output<typeof CapabilitySchema>;

/** What a pattern of paths means in words, where it says nothing by itself; null else. */
export function meaningOf({ type, value }: Pick<Capability, 'type' | 'value'>): string | null {
  return value === '**' && (type === 'read' || type === 'write') ? 'every file of the workspace' : null;
}
