import type { Json } from '#contract/json.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import type { NodeOf } from '#contract/plan.ts';
import type { Scope } from '../scope.ts';

/** One attempt of one node. */
export type NodeCall<K extends NodeKind> = { scope: Scope; node: NodeOf<K>; attempt: number };

/** The deterministic part of a kind. Out: the node's output. Throws: NodeFailure, coded errors, cancellation. */
export type NodeRunner<K extends NodeKind> = (call: NodeCall<K>) => Promise<Json>;
