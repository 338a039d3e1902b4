import type { NodeVerb } from '#contract/node-command.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import type { NodeStatus } from '#contract/run-state.ts';

export type NodeFacts = {
  kind: NodeKind;
  /** Null while it has not ended. */
  ended: NodeStatus | null;
  /** What the log says of it. */
  shown: NodeStatus;
  /** It waits for a timer: its own, or that of its next try. */
  hasTimer: boolean;
  /** A node that needs it and has gone on with its failure. */
  goneOn: string | null;
};

/** Why a person may not do this to a node now; null when nothing stands against it. */
export function nodeRefusal(verb: NodeVerb, facts: NodeFacts): string | null {
  const { ended, goneOn } = facts;
  if (ended === 'error')
    return goneOn === null ? null : `${goneOn}, which needs it, has gone on with its failure; a fork of the run can do both again`;
  if (ended !== null) return `it has ended: ${ended}`;
  if (facts.shown === 'waiting' || facts.shown === 'unknown') return 'it waits for an answer: answer its gate';
  return verb === 'retry' ? retryRefusal(facts) : skipRefusal(facts);
}

function retryRefusal({ kind, shown, hasTimer }: NodeFacts): string | null {
  if (hasTimer && kind !== 'wait') return null;
  return shown === 'running' ? 'it is running' : 'it has not failed';
}

/** What a gate asks is decided by an answer and by nothing else: a join behind it would take a skip for leave to go on. */
function skipRefusal({ kind, shown, hasTimer }: NodeFacts): string | null {
  if (kind === 'gate') return 'a gate is answered and not left out';
  return shown === 'running' && !hasTimer ? 'it is running; a pause that stops what is running comes first' : null;
}
