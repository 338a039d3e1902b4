import type { Gate, GraphNode } from '#contract/objects.ts';
import type { ButtonLook } from '../../ui/button.tsx';

type Choice = NonNullable<Gate['choice']>;
export type Option = { label: string; look: ButtonLook; isYes: boolean; choice?: Choice; explains: string };

/** What can be said to a gate, by what it asks. */
export const OPTIONS: Record<Gate['kind'], readonly Option[]> = {
  question: [
    { label: 'Approve', look: 'approve', isYes: true, explains: 'The run goes on.' },
    { label: 'Reject', look: 'reject', isYes: false, explains: 'The node fails, and what depends on it does not happen.' },
  ],
  unknown: [
    {
      label: 'It was done',
      look: 'approve',
      isYes: true,
      choice: 'done',
      explains: 'You have looked: the effect happened. It is not repeated.',
    },
    {
      label: 'Do it again',
      look: 'edit',
      isYes: true,
      choice: 'redo',
      explains: 'You have looked: it did not happen, or a second time does no harm.',
    },
    { label: 'Fail the node', look: 'reject', isYes: false, explains: 'Nothing is repeated; the node counts as failed.' },
  ],
  envelope: [
    {
      label: 'Grant it',
      look: 'approve',
      isYes: true,
      explains: 'It is done. This run may do exactly what is listed beyond its envelope, and no other run may.',
    },
    {
      label: 'Refuse',
      look: 'reject',
      isYes: false,
      explains: 'Nothing of it is done. The node that asks fails; an agent is told so and goes on without it.',
    },
  ],
  budget: [
    {
      label: 'Raise it',
      look: 'approve',
      isYes: true,
      explains: 'The run goes on with exactly that much more of its budget, and no other run has it.',
    },
    { label: 'Refuse', look: 'reject', isYes: false, explains: 'The node fails, and the run does not ask again.' },
  ],
  failed: [
    { label: 'Try again', look: 'approve', isYes: true, choice: 'redo', explains: 'The node runs once more.' },
    { label: 'Go on without it', look: 'edit', isYes: true, choice: 'continue', explains: 'The run goes on; the node stays failed.' },
    { label: 'Let it fail', look: 'reject', isYes: false, explains: 'The failure counts.' },
  ],
};

/** What was answered, in the words of the button; for gates that are not answered, what became of them. */
export function answerText({ kind, status, choice }: Pick<Gate, 'kind' | 'status' | 'choice'>): string {
  if (status === 'expired') return 'nobody answered in time';
  if (status !== 'approved' && status !== 'rejected') return status;
  const options = OPTIONS[kind].filter(({ isYes }) => isYes === (status === 'approved'));
  // Gates that were answered before choices were kept do not say which one it was.
  return (options.length === 1 ? options[0] : options.find((option) => option.choice === choice))?.label ?? status;
}

/** Answers that the run has not taken up: its node still waits at that very gate. */
export function keptAnswers(gates: readonly Gate[], nodes: readonly Pick<GraphNode, 'status' | 'gate_id'>[]): Gate[] {
  const waiting = new Set(nodes.flatMap(({ status, gate_id }) => (status === 'waiting' || status === 'unknown' ? [gate_id] : [])));
  return gates.filter(({ id, status }) => (status === 'approved' || status === 'rejected') && waiting.has(id));
}
