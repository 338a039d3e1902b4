/** What a fence may consist of, in the words of the configuration; a machine may lack some of it, and an admin may demand it. */
import { GimoError } from './errors.ts';
import { z } from './zod.ts';

export const FENCE_PARTS = ['sandbox', 'memory', 'processes', 'cpu', 'egress'] as const;
export type FencePart = (typeof FENCE_PARTS)[number];

export const PART_WORDS: Record<FencePart, string> = {
  sandbox: 'a sandbox around each process',
  memory: 'a memory limit for all processes of a node together',
  processes: 'a limit on the number of processes of a node',
  cpu: 'a share of the processors that leaves time for GIMO',
  egress: 'network through the allowlisting proxy only',
};

/** `why`: what is not there, and what to do about it. */
export const MissingPartSchema = z.strictObject({ part: z.enum(FENCE_PARTS), why: z.string() });
export type MissingPart = z.output<typeof MissingPartSchema>;

/** What a worker says of its fence. `missing`: what its machine does not give; absent of workers that did not say. */
export type Fence = { kind: string; ok: boolean; detail: string; missing?: MissingPart[] };

export function missingSentence(missing: readonly MissingPart[]): string {
  return missing.length === 0 ? '' : `Missing here: ${missing.map(({ part, why }) => `${PART_WORDS[part]} (${why})`).join('; ')}.`;
}

/** Throws: FENCE_INCOMPLETE when something is missing that is demanded. */
export function requireParts(demanded: readonly FencePart[], missing: readonly MissingPart[]): void {
  const lacking = missing.filter(({ part }) => demanded.includes(part));
  if (lacking.length === 0) return;
  throw new GimoError('FENCE_INCOMPLETE', { message: `This needs what the fence of this machine lacks. ${missingSentence(lacking)}` });
}
