import type { z } from './zod.ts';

/** What is wrong, for whoever wrote it: the two mistakes that everybody makes are not told in the words of a schema. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no field ${issue.keys.map((key) => `\`${key}\``).join(', ')} here`;
  return issue.code === 'invalid_type' && issue.message.endsWith('received undefined') ? 'is missing' : issue.message;
}
