import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCode } from './errors.ts';
import { sourceOf } from './expression-source.ts';
import { EXPRESSION_LIMITS, parseExpression } from './expression.ts';
import type { Json } from './json.ts';

type Tree = { op: string; args: unknown };

/** A tree without the positions in its source. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null || !('op' in value) || !('args' in value)) return value;
  return { op: value.op, args: bare(value.args) };
}

const evaluate = (source: string, context: Record<string, unknown> = {}): Json => parseExpression(source).evaluate(context);

/** The result, or that it failed in one of the two ways that are allowed. */
function outcomeOf(source: string, context: Record<string, unknown>): Json {
  let program: ReturnType<typeof parseExpression>;
  try {
    program = parseExpression(source);
  } catch (error) {
    return error instanceof Error ? 'does not parse' : fail(error);
  }
  try {
    return program.evaluate(context);
  } catch (error) {
    return errorCode(error) === 'EXPRESSION_FAILED' ? 'fails' : fail(error);
  }
}

function fail(error: unknown): never {
  throw new Error('it failed in another way', { cause: error });
}

function failure(source: string, context: Record<string, unknown> = {}): { code: string | null; message: string } {
  try {
    evaluate(source, context);
  } catch (error) {
    return { code: errorCode(error), message: String(error) };
  }
  throw new Error(`\`${source}\` was evaluated`);
}

describe('numbers', () => {
  it.each([
    ['inputs.n + 1', 4],
    ['1 + inputs.n', 4],
    ['inputs.n - 1', 2],
    ['inputs.n * 2', 6],
    ['inputs.n / 2', 1.5],
    ['inputs.n % 2', 1],
    ['inputs.n == 3', true],
    ['inputs.n > 2 && inputs.n < 4', true],
    ['7 / 2', 3],
    ['size([1, 2])', 2],
    ['string(inputs.n)', '3'],
    ['[1, 2].map(x, x + inputs.n)', [4, 5]],
  ])('%s is %j for the JSON number 3', (source, expected) => {
    expect(evaluate(source, { inputs: { n: 3 } })).toEqual(expected);
  });

  it('come back as numbers, never as BigInt, and the result is JSON', () => {
    const result = evaluate('{"n": 1 + 1, "list": [size("abc")]}');
    expect(result).toEqual({ n: 2, list: [3] });
    expect(() => JSON.stringify(result)).not.toThrow();
  });

  it.each(['9007199254740993', '9007199254740991 + 1', '-9007199254740993'])('%s is refused, since JSON would change it', (source) => {
    expect(failure(source)).toMatchObject({ code: 'EXPRESSION_FAILED', message: expect.stringContaining('2^53') });
  });

  it.each(['inputs.n / 0', '1.0 / 0.0'])('%s is refused, since JSON has no infinity', (source) => {
    expect(failure(source, { inputs: { n: 1 } }).code).toBe('EXPRESSION_FAILED');
  });
});

describe('rewriting', () => {
  it.each<[string, Json]>([
    ['1 - (2 - 3)', 2],
    ['8 / (4 / 2)', 4],
    ['2 * (3 + 4)', 14],
    ['(true ? false : true) ? 1 : 2', 2],
    ['(1 < 2) == true', true],
    ['-(1 + 2)', -3],
    ['!(true && false)', true],
    ['1e-12 < 2e-12', true],
    ['0.12345678901234', 0.12345678901234],
    ['1e30', 1e30],
    ['"😀 \\u0041 \\\\ \\" \\n"', '😀 A \\ " \n'],
    ['has(inputs.n) && !has(inputs.gone)', true],
  ])('%s keeps its meaning', (source, expected) => {
    expect(evaluate(source, { inputs: { n: 3 } })).toEqual(expected);
  });

  it('writes source that is read as the same tree', () => {
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => {
      const leaf = fc.oneof(
        fc.constantFrom('a', 'b').map((args) => ({ op: 'id', args })),
        fc
          .oneof(
            fc.string(),
            fc.bigInt({ min: 0n, max: 9_007_199_254_740_991n }),
            fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
            fc.boolean(),
            fc.constant(null),
          )
          .map((args) => ({ op: 'value', args })),
      );
      const pair = fc.tuple(tie('tree'), tie('tree'));
      const inner = fc.oneof(
        fc
          .tuple(fc.constantFrom('||', '&&', '==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%', '[]'), pair)
          .map(([op, args]) => ({ op, args })),
        fc.tuple(fc.constantFrom('!_', '-_'), tie('tree')).map(([op, args]) => ({ op, args })),
        fc.tuple(tie('tree'), tie('tree'), tie('tree')).map((args) => ({ op: '?:', args })),
        tie('tree').map((of) => ({ op: '.', args: [of, 'field'] })),
        fc.array(tie('tree'), { maxLength: 3 }).map((args) => ({ op: 'call', args: ['f', args] })),
        fc.tuple(tie('tree'), fc.array(tie('tree'), { maxLength: 2 })).map(([of, args]) => ({ op: 'rcall', args: ['g', of, args] })),
        fc.array(tie('tree'), { maxLength: 3 }).map((args) => ({ op: 'list', args })),
        fc.array(pair, { maxLength: 2 }).map((args) => ({ op: 'map', args })),
      );
      return { tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, leaf, inner) };
    });
    const env = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
    env.registerFunction('f(dyn): dyn', (value) => value);
    fc.assert(
      fc.property(tree, (wanted) => {
        let read: unknown;
        try {
          read = bare(env.parse(sourceOf(wanted)).ast);
        } catch (error) {
          throw new Error(sourceOf(wanted), { cause: error });
        }
        expect(read).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the budget', () => {
  it.each(['(a+)+$', '(a|aa)+$', '(.*)*b'])('the pattern %s is matched in linear time', (pattern) => {
    expect(evaluate(`inputs.text.matches(${JSON.stringify(pattern)})`, { inputs: { text: `${'a'.repeat(40)}!` } })).toBe(false);
  });

  it('stops nested list expressions that would take a billion steps', () => {
    const list = Array.from({ length: 1000 }, (_, index) => index);
    const source = 'inputs.list.map(a, inputs.list.map(b, inputs.list.map(c, a + b + c)))';
    expect(failure(source, { inputs: { list } }).message).toContain(`more than ${EXPRESSION_LIMITS.steps} steps`);
  });

  it('gives each evaluation its own budget', () => {
    const list = Array.from({ length: 1000 }, (_, index) => index);
    for (let round = 0; round < 5; round++)
      expect(evaluate('size(inputs.list.map(a, inputs.list.exists(b, b == a)))', { inputs: { list: list.slice(0, 300) } })).toBe(300);
  });

  it('refuses results that are larger than it allows, also ropes of repeated text', () => {
    const doubled = Array.from({ length: 8 }, () => 'x').join(' + ');
    expect(failure(doubled, { x: 'y'.repeat(200_000) }).message).toContain('larger than');
  });

  it.each([
    ['x'.repeat(EXPRESSION_LIMITS.sourceChars + 1), /longer than/],
    ['[1].map(a, [1].map(b, [1].map(c, [1].map(d, 1))))', /nested list expressions/],
    ['cel.bind(a, 1, a)', /bind/],
    ['nodes[inputs.which].output', /constant name/],
    ['1 +', /./],
    ['', /./],
  ])('refuses %s before it is run', (source, message) => {
    expect(() => parseExpression(source)).toThrow(message);
  });
});

describe('what an expression reads', () => {
  it('is known without running it', () => {
    const { reads } = parseExpression('nodes.a.output + size(nodes["b"].output.filter(x, x > inputs.n)) + index');
    expect([[...reads.nodes], [...reads.inputs], [...reads.roots]]).toEqual([['a', 'b'], ['n'], ['index']]);
  });

  it('leaves out the variables of list expressions', () => {
    expect([...parseExpression('[1].map(nodes, nodes + 1)').reads.nodes]).toEqual([]);
  });
});

describe('anything typed', () => {
  it('either evaluates to JSON or fails with a sentence', () => {
    const words = `inputs.n|nodes.a.output|1|"x"|[1, 2]|{"k": 1}|+|==|.map(i, i)|(|)|&&|!|?|:|size|null`.split('|');
    const word = fc.constantFrom(...words);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')),
        ),
        (source) => {
          const result = outcomeOf(source, { inputs: { n: 1 }, nodes: { a: { output: [1] } } });
          expect(JSON.parse(JSON.stringify(result))).toEqual(result);
        },
      ),
      { numRuns: 500 },
    );
  });
});
