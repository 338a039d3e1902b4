import { describe, expect, it } from 'vitest';
import { checkPlan } from './plan-check.ts';
import { z } from './zod.ts';

it('a field that is missing, and one that is misspelt, are told in plain words', () => {
  const plan = { version: 1, titel: 'T', nodes: [{ id: 'a', kind: 'noop', neds: [], whn: 'true' }, { kind: 'noop' }] };
  expect(checkPlan(plan).faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'title: is missing',
    ': there is no field `titel` here',
    'nodes[0]: there is no field `neds`, `whn` here',
    'nodes[1].id: is missing',
  ]);
  expect(checkPlan({ ...plan, title: 1 }).faults[0]?.message).toBe('must be text, not a number');
});

describe('what a schema finds wrong is told as what it must be', () => {
  const kind = (name: string): z.ZodType => z.strictObject({ kind: z.literal(name) });
  it.each<[z.ZodType, unknown, string]>([
    [z.array(z.string()), {}, 'must be a list, not an object'],
    [z.strictObject({}), null, 'must be an object, not null'],
    [z.boolean(), [], 'must be true or false, not a list'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.number(), Number.NaN, 'must be a number'],
    [z.string().max(3), 'long', 'may have 3 characters at most'],
    [z.array(z.string()).max(1), ['a', 'b'], 'may have 1 item at most'],
    [z.string().min(1), '', 'must not be empty'],
    [z.array(z.string()).min(2), [], 'must have 2 items at least'],
    [z.string().length(3), '', 'must have exactly 3 characters'],
    [z.number().max(3), 4, 'must be 3 at most'],
    [z.number().min(3), 2, 'must be 3 at least'],
    [z.number().positive(), 0, 'must be more than 0'],
    [z.number().lt(5), 5, 'must be less than 5'],
    [z.enum(['a', 'b']), 'c', 'must be one of "a", "b"'],
    [z.literal(1), 2, 'must be 1'],
    [z.string().regex(/^[a-z]+$/), 'A', 'must match /^[a-z]+$/'],
    [z.url(), 'x', 'must be a URL'],
    [z.iso.datetime(), 'x', 'must be a time in UTC such as 2026-01-31T12:00:00Z'],
    [z.email(), 'x', 'must be a valid email'],
    [z.discriminatedUnion('kind', [kind('a'), kind('b')] as never), { kind: 'c' }, 'must be one of "a", "b"'],
    [z.union([z.string(), z.number()]), {}, 'is none of what may stand here'],
    [z.record(z.string().regex(/^a/), z.string()), { b: '' }, 'has a name that is not allowed'],
    [z.string().min(1, 'name it'), '', 'name it'],
  ])('%#: %o', (schema, input, text) => {
    expect(schema.safeParse(input).error?.issues[0]?.message).toBe(text);
  });
});
