/** What a schema finds wrong, in the words of whoever wrote the input: what it must be. It follows the name of the field. */
import type { z } from './zod.ts';

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const FORMATS: Record<string, string> = {
  url: 'a URL',
  datetime: 'a time in UTC such as 2026-01-31T12:00:00Z',
  date: 'a date such as 2026-01-31',
};

const kindOf = (name: string): string => KINDS[name] ?? name;

function kindOfInput(input: unknown): string {
  if (input === null) return 'null';
  return Array.isArray(input) ? 'a list' : kindOf(typeof input);
}

function wrongType({ input, expected }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  if (input === undefined) return 'is missing';
  // "not a number" would not help who wrote 1.5.
  return typeof input === 'number' && (expected === 'int' || expected === 'number')
    ? `must be ${kindOf(expected)}`
    : `must be ${kindOf(expected)}, not ${kindOfInput(input)}`;
}

/** "3 characters", "1 item"; a number is bare. */
function amountOf(origin: string, amount: number | bigint): string {
  const unit = origin === 'string' ? 'character' : ['array', 'set', 'file'].includes(origin) ? 'item' : null;
  return unit === null ? String(amount) : `${amount} ${unit}${Number(amount) === 1 ? '' : 's'}`;
}

const isMeasured = (origin: string): boolean => !['number', 'int', 'bigint', 'date'].includes(origin);
const namesOf = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ');

function tooBig({ origin, maximum, inclusive }: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>): string {
  if (isMeasured(origin)) return `may have ${amountOf(origin, maximum)} at most`;
  return inclusive === false ? `must be less than ${maximum}` : `must be ${maximum} at most`;
}

function tooSmall({ origin, minimum, inclusive, exact }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  if (isMeasured(origin) && exact === true) return `must have exactly ${amountOf(origin, minimum)}`;
  if (isMeasured(origin)) return Number(minimum) === 1 ? 'must not be empty' : `must have ${amountOf(origin, minimum)} at least`;
  return inclusive === false ? `must be more than ${minimum}` : `must be ${minimum} at least`;
}

function badFormat({ format, pattern }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidStringFormat>): string {
  // The pattern of a format that zod brings along is its own affair.
  return format === 'regex' && typeof pattern === 'string' ? `must match ${pattern}` : `must be ${FORMATS[format] ?? `a valid ${format}`}`;
}

/** Out: undefined for what only schemas with words of their own say. */
export function issueText(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `there is no field ${issue.keys.map((key) => `\`${key}\``).join(', ')} here`;
    case 'invalid_type':
      return wrongType(issue);
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be ${issue.values.length === 1 ? '' : 'one of '}${namesOf(issue.values)}`;
    case 'too_big':
      return tooBig(issue);
    case 'too_small':
      return tooSmall(issue);
    case 'invalid_format':
      return badFormat(issue);
    case 'invalid_key':
      return 'has a name that is not allowed';
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `must be one of ${namesOf(issue.options)}`
        : 'is none of what may stand here';
    default:
      return undefined;
  }
}
