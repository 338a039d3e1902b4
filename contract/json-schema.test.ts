import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from './json.ts';
import { schemaFaults, valueFaults } from './json-schema.ts';

const names = fc.constantFrom('a', 'b', '__proto__', 'constructor');
const small = fc.oneof(fc.constantFrom(0, 1, 1.5, 2, 3, -1), fc.constantFrom('', 'a', 'ab', 'é😀', '12'), fc.boolean(), fc.constant(null));
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    small,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const size = fc.nat(3);
const { schema } = fc.letrec<{ schema: JsonObject; part: Json }>((tie) => ({
  part: fc.oneof({ maxDepth: 2 }, fc.boolean(), tie('schema')),
  schema: fc.record(
    {
      type: fc.oneof(typeName(), fc.uniqueArray(typeName(), { minLength: 1, maxLength: 3 })),
      enum: fc.array(value, { minLength: 1, maxLength: 3 }),
      const: value,
      minimum: size,
      exclusiveMaximum: size,
      multipleOf: fc.constantFrom(1, 0.5, 2),
      minLength: size,
      maxLength: size,
      pattern: fc.constantFrom('^a', 'b$', '^[0-9]+$'),
      minItems: size,
      maxItems: size,
      uniqueItems: fc.boolean(),
      items: tie('part'),
      prefixItems: fc.array(tie('part'), { minLength: 1, maxLength: 2 }),
      properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('part'), { noNullPrototype: true }),
      required: fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 }),
      additionalProperties: tie('part'),
      minProperties: size,
      maxProperties: size,
      anyOf: fc.array(tie('part'), { minLength: 1, maxLength: 2 }),
      oneOf: fc.array(tie('part'), { minLength: 1, maxLength: 2 }),
      allOf: fc.array(tie('part'), { minLength: 1, maxLength: 2 }),
      not: tie('part'),
    },
    { requiredKeys: [], noNullPrototype: true },
  ) as fc.Arbitrary<JsonObject>,
}));
function typeName(): fc.Arbitrary<string> {
  return fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');
}

test('agrees with ajv on which values fit', () => {
  const ajv = new Ajv2020({ strict: false, ownProperties: true });
  fc.assert(
    fc.property(schema, fc.array(value, { minLength: 1, maxLength: 5 }), (schema, values) => {
      expect(schemaFaults(schema)).toEqual([]);
      const fits = ajv.compile(schema);
      for (const value of values) expect(valueFaults(schema, value).length === 0).toBe(fits(value));
      ajv.removeSchema();
    }),
    { numRuns: 150 },
  );
}, 60_000);

const list = (length: number, item: Json): Json[] => Array.from({ length }, () => item);
const choice = (part: JsonObject): JsonObject => ({ oneOf: list(40, part) });

describe('faults', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { list: { type: 'array', items: { $ref: '#/$defs/entry' } } },
    required: ['list', 'title'],
    $defs: { entry: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, additionalProperties: false } },
  };

  test('name every place and what is wrong there', () => {
    expect(schemaFaults(schema)).toEqual([]);
    expect(valueFaults(schema, { list: [{ n: 1 }, { n: 0 }, { m: 1 }, 'x'] })).toEqual([
      { path: '/list/1/n', message: 'must be at least 1' },
      { path: '/list/2/m', message: 'is not allowed' },
      { path: '/list/3', message: 'must be "object"' },
      { path: '/title', message: 'is required' },
    ]);
  });

  test('constraints apply also where the type is left out', () => {
    expect(valueFaults({ properties: { a: { type: 'string' } }, required: ['b'] }, { a: 1 })).toHaveLength(2);
  });

  test.each<[string, JsonObject]>([
    ['a keyword that is not supported', { type: 'object', dependentRequired: {} }],
    ['one deep inside', { properties: { a: { anyOf: [{ if: true }] } } }],
    ['a pattern that is none', { pattern: '(' }],
    ['a pattern that could backtrack', { pattern: '(a)\\1' }],
    ['a reference to nothing', { $ref: '#/$defs/none' }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema' }],
    ['something that is no schema', { items: 'string' }],
  ])('of the schema: %s', (_name, schema) => {
    expect(schemaFaults(schema)).toHaveLength(1);
  });

  test('items counts from the end of prefixItems', () => {
    const tuple = { prefixItems: [{ type: 'string' }], items: { type: 'integer' } };
    expect(valueFaults(tuple, ['a', 1, 2])).toEqual([]);
    expect(valueFaults(tuple, [1, 'a'])).toEqual([
      { path: '/0', message: 'must be "string"' },
      { path: '/1', message: 'must be "integer"' },
    ]);
  });

  test('a reference that goes round ends', () => {
    expect(valueFaults({ $ref: '#' }, 1)).toHaveLength(1);
  });

  test.each<[string, JsonObject, Json]>([
    ['a schema that leads to itself twice', { anyOf: [{ $ref: '#' }, { $ref: '#' }] }, 1],
    ['one that lists all that another lists', choice(choice(choice({ enum: list(40, 0) }))), 1],
    ['a pattern for each of many', { anyOf: list(500, { pattern: '^(a|b)+$' }) }, `${'ab'.repeat(100_000)}!`],
  ])('an answer that takes too long to check does not fit: %s', (_name, schema, value) => {
    expect(schemaFaults(schema)).toEqual([]);
    expect(valueFaults(schema, value)).toEqual([{ path: '', message: expect.stringContaining('cannot be checked') }]);
  });

  test('an answer that is nested without end does not fit, whatever the schema says of it', () => {
    const deep = (depth: number): Json => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as Json;
    expect(valueFaults({}, deep(50))).toEqual([]);
    expect(valueFaults({ uniqueItems: true, enum: [deep(3)] }, deep(100_000))).toEqual([{ path: '', message: 'is nested too deeply' }]);
  });

  test('a long list is told to be unique as fast as a short one', () => {
    const list = Array.from({ length: 200_000 }, (_none, n) => ({ n }));
    expect(valueFaults({ uniqueItems: true }, list)).toEqual([]);
    expect(valueFaults({ uniqueItems: true }, [...list, { n: 7 }])).toHaveLength(1);
  });

  test('a hostile pattern takes linear time', () => {
    expect(valueFaults({ pattern: '^(a+)+$' }, `${'a'.repeat(5000)}!`)).toHaveLength(1);
  });
});
