import { renderValue } from '#contract/template.ts';
import type { NodeRunner } from './runner.ts';

export const runValue: NodeRunner<'value'> = async ({ scope, node }) => renderValue(node.with.value, scope.context(node));
