import { z } from '../zod.ts';
import type { RawNode } from '../raw-node.ts';

/**
 * The nodes inside a container kind. They are checked in a second pass, node by node, with their own paths
 * (contract/plan-parse.ts), so that this file does not depend on the kinds that depend on it.
 */
export const BodySchema: z.ZodType<RawNode[]> = z
  .array(z.custom<RawNode>((value) => typeof value === 'object' && value !== null))
  .min(1)
  .max(1000);
