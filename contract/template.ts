/**
 * References: `${{ expression }}` inside any string of a node. Alone in a string the value keeps its type; inside a longer
 * string it becomes text (strings as they are, everything else as JSON). No other template language exists.
 */
import { canonicalJson } from './canonical.ts';
import type { ExpressionReads } from './expression-rewrite.ts';
import { parseExpression } from './expression.ts';
import type { Json } from './json.ts';

export type TemplatePart = { text: string } | { expression: string };

/** End of the expression that starts at `from`: the first `}}` outside of quotes and braces, -1 when there is none. */
function expressionEnd(source: string, from: number): number {
  let quote = '';
  let depth = 0;
  for (let i = from; i < source.length; i++) {
    const char = source[i];
    if (quote !== '') {
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '{') depth++;
    else if (char === '}' && depth > 0) depth--;
    else if (char === '}' && source[i + 1] === '}') return i;
  }
  return -1;
}

/** Throws Error with a sentence when a `${{` is not closed. */
export function parseTemplate(source: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (;;) {
    const open = source.indexOf('${{', at);
    if (open === -1) break;
    const end = expressionEnd(source, open + 3);
    if (end === -1) throw new Error('`${{` is not closed by `}}`');
    if (open > at) parts.push({ text: source.slice(at, open) });
    parts.push({ expression: source.slice(open + 3, end).trim() });
    at = end + 2;
  }
  if (at < source.length || parts.length === 0) parts.push({ text: source.slice(at) });
  return parts;
}

export function hasReference(value: string): boolean {
  return value.includes('${{');
}

export function asText(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

export function renderString(source: string, context: Record<string, unknown>): Json {
  if (!hasReference(source)) return source;
  const parts = parseTemplate(source);
  const evaluate = (expression: string): Json => parseExpression(expression).evaluate(context);
  const [first] = parts;
  if (parts.length === 1 && first && 'expression' in first) return evaluate(first.expression);
  return parts.map((part) => ('text' in part ? part.text : asText(evaluate(part.expression)))).join('');
}

/** Renders every string inside a JSON value. Keys are never rendered. Throws EXPRESSION_FAILED. */
export function renderValue(value: Json, context: Record<string, unknown>): Json {
  if (typeof value === 'string') return renderString(value, context);
  if (Array.isArray(value)) return value.map((item) => renderValue(item, context));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderValue(item, context)]));
  }
  return value;
}

/** Renders every string inside a JSON value to text: where the shape asks for text, a number is written as one. */
export function renderTexts(value: Json, context: Record<string, unknown>): Json {
  if (typeof value === 'string') return hasReference(value) ? asText(renderString(value, context)) : value;
  if (Array.isArray(value)) return value.map((item) => renderTexts(item, context));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderTexts(item, context)]));
  }
  return value;
}

/** Every expression inside a JSON value, with the path to it. Throws nothing: a broken template is reported as `error`. */
export function* findExpressions(
  value: unknown,
  path: string,
): Generator<{ path: string; source: string; reads?: ExpressionReads; error?: string }> {
  if (typeof value === 'string') {
    if (!hasReference(value)) return;
    try {
      for (const part of parseTemplate(value)) if ('expression' in part) yield inspectExpression(part.expression, path);
    } catch (error) {
      yield { path, source: value, error: error instanceof Error ? error.message : String(error) };
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* findExpressions(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* findExpressions(item, path === '' ? key : `${path}.${key}`);
  }
}

export function inspectExpression(source: string, path: string): { path: string; source: string; reads?: ExpressionReads; error?: string } {
  try {
    return { path, source, reads: parseExpression(source).reads };
  } catch (error) {
    return { path, source, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * The pattern of a string whose references are not known yet: each becomes `*`; stars and backslashes of the text are escaped.
 * Total: a string whose references cannot be read (its fault is reported elsewhere) may become anything, so it is `*`.
 */
export function asPattern(source: string): string {
  const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('*', '\\*');
  try {
    return parseTemplate(source)
      .map((part) => ('text' in part ? escape(part.text) : '*'))
      .join('');
  } catch {
    return '*';
  }
}
