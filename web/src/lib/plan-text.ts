/** Plans as text: YAML to read and to edit, JSON accepted as well. The parsers come in their own chunk. */
import { errorMessage } from '#contract/errors.ts';
import { isJsonObject, type Json } from '#contract/json.ts';

export type ReadPlan = { value: Json } | { fault: string };

/**
 * In: YAML or JSON. Out: the document, or one sentence that says what is wrong. The parser is the API's own: what two readers could
 * understand differently is refused, because the plan that is approved must be the plan that was typed.
 */
export async function readPlanText(text: string): Promise<ReadPlan> {
  const { parseJsonBody, parseYamlBody } = await import('#contract/parse-body.ts');
  try {
    const value = text.trimStart().startsWith('{') ? parseJsonBody(text) : parseYamlBody(text);
    return isJsonObject(value) ? { value } : { fault: 'A plan is a mapping: it begins with `version: 1`.' };
  } catch (error) {
    return { fault: errorMessage(error) };
  }
}

export async function writePlanText(plan: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(plan, { lineWidth: 0, aliasDuplicateObjects: false });
}
