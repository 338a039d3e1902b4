import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCode } from './errors.ts';
import { parseJsonBody, parseYamlBody } from './parse-body.ts';

const codeOf = (work: () => unknown): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    return errorCode(error);
  }
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJsonBody', () => {
  it('reads what JSON.stringify wrote, for any JSON value', () => {
    const key = fc.string().filter((text) => text !== '__proto__' && text.isWellFormed());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseJsonBody(text))).toBe(text);
      }),
    );
  });

  it('throws nothing but BAD_JSON, whatever the text', () => {
    const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', '1', '-', 'e', '.', ' ', 'null', '\\u12'));
    fc.assert(fc.property(pieces, (parts) => [null, 'BAD_JSON'].includes(codeOf(() => parseJsonBody(parts.join(''))))));
  });

  it.each([
    ['a duplicate key', '{"a":1,"a":2}'],
    ['a duplicate key that is written with an escape', '{"a":1,"\\u0061":2}'],
    ['a duplicate key deep inside', '[{"x":{"k":[],"k":[]}}]'],
    ['an integer beyond 2^53', '{"n":9007199254740993}'],
    ['an integer beyond 2^53 with a fraction of zero', '[9007199254740993.0]'],
    ['a number that is not finite', '[1e999]'],
    ['half of a surrogate pair', '["\\ud800"]'],
    ['__proto__ as a key', '{"__proto__":{}}'],
    ['__proto__ written with an escape', '{"__pro\\u0074o__":{}}'],
    ['101 levels', nested(101)],
    ['a million levels', nested(1_000_000)],
    ['text after the value', '{} {}'],
    ['no value', ''],
  ])('refuses %s', (_name, text) => {
    expect(codeOf(() => parseJsonBody(text))).toBe('BAD_JSON');
  });

  it('takes the same key in two objects, keys as values, and 100 levels', () => {
    expect(parseJsonBody('[{"a":"a"},{"a":{"a":["a","a"]}}]')).toEqual([{ a: 'a' }, { a: { a: ['a', 'a'] } }]);
    expect(codeOf(() => parseJsonBody(nested(100)))).toBe(null);
  });
});

describe('parseYamlBody', () => {
  it('reads plain YAML as the JSON it means', () => {
    expect(parseYamlBody('title: x\nnodes:\n  - id: a\n    n: 3\n    f: 1.5\n    on: yes\n')).toEqual({
      title: 'x',
      nodes: [{ id: 'a', n: 3, f: 1.5, on: 'yes' }],
    });
  });

  it.each([
    ['an alias', 'a: &x 1\nb: *x\n'],
    ['a duplicate key', 'a: 1\na: 2\n'],
    ['keys that differ only in type', '1: x\n"1": y\n'],
    ['an unknown tag', 'a: !secret x\n'],
    ['an integer beyond 2^53', 'a: 9007199254740993\n'],
    ['.inf', 'a: .inf\n'],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['__proto__', '__proto__: {a: 1}\n'],
    ['101 levels', nested(101)],
    ['5,000 levels', nested(5000)],
  ])('refuses %s', (_name, text) => {
    expect(codeOf(() => parseYamlBody(text))).toBe('BAD_JSON');
  });
});
