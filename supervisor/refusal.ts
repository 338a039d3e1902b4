import { errorMessage } from '#contract/errors.ts';

/** A start that cannot go on. The message is one sentence that says what is wrong and what to do. */
export class Refusal extends Error {}

const CODES: Record<string, string> = {
  ENOSPC: 'The disk is full: free space and start again.',
  EDQUOT: 'The disk quota is used up: free space and start again.',
  EMFILE: 'Too many files are open: raise the limit with `ulimit -n 4096` and start again.',
};

/** In: anything thrown while starting or running. Out: the one sentence for the console. */
export function sentenceOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return CODES[code] ?? errorMessage(error);
}
