/** Fields of `with` as a node uses them. What a model has written is taken as it is: nothing in it is an expression. */
import type { JsonObject } from '#contract/json.ts';
import { NODE_KINDS } from '#contract/nodes/index.ts';
import type { PlanNode } from '#contract/plan.ts';
import { asText, renderString, renderTexts, renderValue } from '#contract/template.ts';
import type { Scope } from './scope.ts';

/** `with` as the activity gets it; the worker checks its shape again. Throws: EXPRESSION_FAILED. */
export function renderedWith(scope: Scope, node: PlanNode): JsonObject {
  const given = node.with as JsonObject;
  if (scope.rules !== null) return given;
  const context = scope.context(node);
  const { jsonFields = [] } = NODE_KINDS[node.kind] as { jsonFields?: string[] };
  const render = (name: string): typeof renderValue => (jsonFields.includes(name) ? renderValue : renderTexts);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, render(name)(value, context)]));
}

/** One field that is text. Throws: EXPRESSION_FAILED. */
export function renderedText(scope: Scope, node: PlanNode, source: string): string {
  return scope.rules === null ? asText(renderString(source, scope.context(node))) : source;
}
