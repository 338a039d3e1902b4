/**
 * Expressions: CEL over `inputs`, `nodes`, `run` and map variables, with a budget.
 * JSON numbers are doubles; mixed with integer literals they stay doubles, so `inputs.n + 1` works and `inputs.n / 2` is a fraction.
 * Results are JSON: integers come back as numbers, unsafe ones are refused.
 */
import { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { GimoError } from './errors.ts';
import { CHARGE, LINEAR_MATCHES, rewriteExpression, type ExpressionReads } from './expression-rewrite.ts';
import type { Json } from './json.ts';

export const EXPRESSION_LIMITS = { sourceChars: 2048, steps: 1_000_000, resultChars: 1_000_000, cacheEntries: 5000 } as const;
const CHARS_PER_STEP = 256;

export type Expression = { reads: ExpressionReads; evaluate: (context: Record<string, unknown>) => Json };

let stepsLeft = 0;

function charge(value: unknown): unknown {
  if (Array.isArray(value)) stepsLeft -= value.length;
  else if (typeof value === 'string') stepsLeft -= 1 + Math.floor(value.length / CHARS_PER_STEP);
  else stepsLeft -= 1;
  if (stepsLeft < 0) throw new Error(`it needs more than ${EXPRESSION_LIMITS.steps} steps`);
  return value;
}

function buildEnvironment(): Environment {
  const env = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 1000, maxDepth: 64, maxListElements: 500, maxMapEntries: 500, maxCallArguments: 16 },
  });
  env.registerFunction(`${CHARGE}(dyn): dyn`, charge);
  env.registerFunction(`string.${LINEAR_MATCHES}(string): bool`, (text: string, pattern: string) =>
    RE2JS.compile(pattern).matcher(text).find(),
  );
  const arithmetic: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  };
  for (const [sign, apply] of Object.entries(arithmetic)) {
    env.registerOperator(`double ${sign} int: double`, (a: number, b: bigint) => apply(a, Number(b)));
    env.registerOperator(`int ${sign} double: double`, (a: bigint, b: number) => apply(Number(a), b));
  }
  env.registerOperator('double % double: double', (a: number, b: number) => a % b);
  return env;
}

const environment = buildEnvironment();
const compiled = new Map<string, Expression>();

/** CEL value → JSON. Counts characters, because ropes of repeated text are cheap to build and dear to write. */
function toJson(value: unknown, budget: { chars: number }): Json {
  budget.chars -= typeof value === 'string' ? value.length : 8;
  if (budget.chars < 0) throw new Error(`its result is larger than ${EXPRESSION_LIMITS.resultChars} characters`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new Error('its result is an integer beyond 2^53');
    return number;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error('its result is not a finite number');
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => toJson(item, budget));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item, budget)]));
  if (typeof value === 'object' && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, budget)]));
  }
  throw new Error('its result is not a JSON value');
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function compile(source: string): Expression {
  if (source.length > EXPRESSION_LIMITS.sourceChars) throw new Error(`longer than ${EXPRESSION_LIMITS.sourceChars} characters`);
  const rewritten = rewriteExpression(environment.parse(source).ast);
  const program = environment.parse(rewritten.source);
  const evaluate = (context: Record<string, unknown>): Json => {
    stepsLeft = EXPRESSION_LIMITS.steps;
    try {
      return toJson(program(context), { chars: EXPRESSION_LIMITS.resultChars });
    } catch (error) {
      throw new GimoError('EXPRESSION_FAILED', { message: `\`${source}\` could not be evaluated: ${firstLine(error)}` });
    }
  };
  return { reads: rewritten.reads, evaluate };
}

/** In: CEL source. Out: the compiled expression (cached). Throws Error with one sentence when it does not parse or is not allowed. */
export function parseExpression(source: string): Expression {
  const cached = compiled.get(source);
  if (cached) return cached;
  let expression: Expression;
  try {
    expression = compile(source);
  } catch (error) {
    throw new Error(firstLine(error), { cause: error });
  }
  if (compiled.size >= EXPRESSION_LIMITS.cacheEntries) compiled.clear();
  compiled.set(source, expression);
  return expression;
}
