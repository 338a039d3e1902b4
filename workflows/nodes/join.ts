import type { NodeRunner } from './runner.ts';

/** The scope starts a join when it is satisfied; what is left is to say how many of its needs are done. */
export const runJoin: NodeRunner<'join'> = async ({ scope, node }) => scope.doneNeeds(node.id);
