/** Where a scope stands in its run, and by what rules its nodes run. */
import type { Json } from '#contract/json.ts';
import type { PlanNode } from '#contract/plan.ts';
import type { Scope } from './scope.ts';
import type { ScopeLabels } from './scope-view.ts';

/** Of nodes that a model has written: nothing in them is an expression, and each is judged before it runs. */
export type AddedRules = { admit: (inner: Scope, node: PlanNode, attempt: number) => Promise<void> | null };

export type ScopePlace = {
  prefix: string;
  outer: Scope | null;
  variables: Record<string, Json>;
  labels?: ScopeLabels;
  /** What expressions see, where the nodes themselves are not there any more. */
  frozen?: Record<string, unknown>;
  rules?: AddedRules;
};
