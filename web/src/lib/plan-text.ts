/** Plans as text: YAML to read and to edit, JSON accepted as well (it is YAML). The parser comes in its own chunk. */
import { isJsonObject, type Json } from '#contract/json.ts';

export type ReadPlan = { value: Json } | { fault: string };

/**
 * In: YAML or JSON. Out: the document, or one sentence with the line. Duplicate keys, aliases and integers that JavaScript would round
 * are refused, because the plan that is approved must be the plan that was typed.
 */
export async function readPlanText(text: string): Promise<ReadPlan> {
  const { parseDocument, visit } = await import('yaml');
  const document = parseDocument(text.trim().startsWith('{') ? text.replaceAll('\t', '  ') : text, { uniqueKeys: true, intAsBigInt: true });
  const [error] = document.errors;
  if (error) return { fault: error.message.split('\n')[0] ?? 'This is not YAML or JSON.' };
  let fault: string | null = null;
  visit(document, {
    Alias: () => {
      fault = 'YAML aliases (*name) are not accepted: write the value where it is used.';
    },
    Scalar: (_key, node) => {
      if (typeof node.value !== 'bigint') return;
      if (Number.isSafeInteger(Number(node.value))) node.value = Number(node.value);
      else fault = `${node.value} is larger than an exact integer can be.`;
    },
  });
  if (fault !== null) return { fault };
  const value = document.toJS({ maxAliasCount: 0 }) as Json;
  return isJsonObject(value) ? { value } : { fault: 'A plan is a mapping: it begins with `version: 1`.' };
}

export async function writePlanText(plan: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(plan, { lineWidth: 0, aliasDuplicateObjects: false });
}
