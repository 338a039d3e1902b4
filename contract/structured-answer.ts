/** What is said about an answer of a model that does not fit its schema: to the model, and to people. Pure. */
import type { SchemaFault } from './json-schema.ts';
import { REPAIR_TOKENS } from './worst-case.ts';

// A character is at most 3 bytes, and a byte at most one token: the demand stays within its reserve.
const MAX_DEMAND_CHARS = Math.floor(REPAIR_TOKENS / 4);
const MAX_SUMMARY_CHARS = 400;

export const CUT_HINT = 'Raise max_output_tokens, or ask for less.';

const faultText = ({ path, message }: SchemaFault): string => `${path === '' ? '(root)' : path} ${message}`;

/** What a model is asked when its answer does not fit. */
export function repairDemand(faults: SchemaFault[]): string {
  const list = faults.map((fault) => `- ${faultText(fault)}`).join('\n');
  return `That is not valid:\n${list.slice(0, MAX_DEMAND_CHARS)}\nSend the corrected JSON value alone.`;
}

/** The faults in one line. */
export function faultSummary(faults: SchemaFault[]): string {
  return faults.map(faultText).join('; ').slice(0, MAX_SUMMARY_CHARS);
}
