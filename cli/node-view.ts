/** One node in a terminal: like any answer, with the label of its output in plain words. */
import type { NodeDetail } from '#contract/objects.ts';
import { answerLines } from './table.ts';
import type { Paint } from './terminal.ts';

export function nodeLines({ label_text: label, attempts, ...node }: NodeDetail, paint: Paint, width: number): string[] {
  return answerLines({ ...node, label, attempts }, width, paint);
}
