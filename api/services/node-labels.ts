/** Where the output of a node comes from, as far as it is stored. */
import { CLEAN, type Label } from '#contract/labels.ts';
import type { Final } from './run-states.ts';

/**
 * What the workflow said of an output when it ended; undefined where it said nothing, because the run goes on, was ended from outside, or began
 * before outputs had labels. Of an output that its end does not hold nothing is known: that no label stands there does not make it clean.
 */
export function labelAtEnd(final: Final | null, node: string): Label | undefined {
  if (!final?.labels || !Object.hasOwn(final.outputs, node)) return undefined;
  return Object.hasOwn(final.labels, node) ? final.labels[node] : CLEAN;
}
