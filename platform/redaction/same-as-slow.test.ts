/** What is done to be fast, against the plainest way to say the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARRIERS, makeCredentials } from '#test/security/credentials.ts';
import { CONTEXT_RULES, RULES } from './find-secrets.ts';
import { LiteralScanner } from './literal-scanner.ts';
import { countedClass, looksRandom } from './random-looking.ts';
import { finderOf } from './rule-finder.ts';
import type { Rule, Run } from './rule.ts';
import { sourceOf } from './source.ts';
import { classOf } from './span.ts';

const MOST_CHARS = 512;
const LITERALS = [...new Set([...RULES, ...CONTEXT_RULES].flatMap(({ literals }) => literals)), '密鑰密', 'příliš'];
const pieces = fc.oneof(
  fc.constantFrom(...LITERALS),
  fc.constantFrom(...LITERALS).map((literal) => literal.slice(0, -1)),
  fc.constantFrom(...[...RULES, ...CONTEXT_RULES].map(({ example }) => example)),
  fc.constantFrom(...makeCredentials(1, 5).flatMap((credential) => Object.values(CARRIERS).map((carrier) => carrier(credential)))),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string(),
);
const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));

type Hit = [literal: string, from: number, to: number];

function hitsOf(text: string, goOn: (hit: Hit) => number): Hit[] {
  const scanner = new LiteralScanner<string>();
  for (const literal of LITERALS) scanner.add(literal, literal);
  const hits: Hit[] = [];
  scanner.scan(sourceOf(text), (literal, from, to) => {
    // Characters beyond ASCII share their bytes, so that whoever looks for them asks the text.
    if (text.startsWith(literal, from)) hits.push([literal, from, to]);
    return goOn([literal, from, to]);
  });
  return hits;
}

function slowHitsOf(text: string, goOn: (hit: Hit) => number): Hit[] {
  const hits: Hit[] = [];
  for (let at = 0; at < text.length;) {
    let next = at + 1;
    for (const literal of LITERALS) {
      if (!text.startsWith(literal, at)) continue;
      const hit: Hit = [literal, at, at + literal.length];
      hits.push(hit);
      next = Math.max(next, goOn(hit));
    }
    at = next;
  }
  return hits;
}

const sorted = (hits: Hit[]): Hit[] => hits.toSorted(([a, from], [b, other]) => from - other || (a < b ? -1 : 1));
const quoted = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
const runPattern = ({ of, least, most = MOST_CHARS }: Run): string => `[${of}]{${least},${most}}`;

/** What follows a literal as an expression, which may go back where a rule does not: only the same where no two runs share characters. */
function expressionOf(rule: Rule, literal: string): RegExp {
  return new RegExp(`${quoted(literal)}${rule.after.map(runPattern).join('')}`, 'y');
}

function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / value.length) * Math.log2(count / value.length), 0);
}

describe('the fast redactor', () => {
  // verifies: SEC-9b
  it('meets the same literals as one that compares all of them everywhere', () => {
    fc.assert(
      fc.property(texts, fc.nat(3), (text, ways) => {
        const goOn = ([, from, to]: Hit): number => [from, to, from + ways, to + ways][ways] ?? from;
        expect(sorted(hitsOf(text, goOn))).toEqual(sorted(slowHitsOf(text, goOn)));
      }),
      { numRuns: 800 },
    );
  });

  // verifies: SEC-9b
  it('finds behind a literal what an expression finds', () => {
    const simple = RULES.filter(({ before, isName, after }) => before === undefined && isName !== true && after.length === 1);
    expect(simple.length).toBeGreaterThan(100);
    fc.assert(
      fc.property(fc.constantFrom(...simple), fc.array(fc.oneof(fc.string({ maxLength: 60 }), texts), { maxLength: 3 }), (rule, rest) => {
        const [literal = ''] = rule.literals;
        for (const text of [
          `${literal}${rest.join('')}`,
          `${rule.example}${rest.join('')}`,
          `${rule.example.slice(0, -1)} ${rest.join('')}`,
        ]) {
          const found = finderOf(rule)(sourceOf(text), 0, literal.length);
          expect(found !== null, text).toBe(expressionOf(rule, literal).test(text));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('reads of a text what the text says, of ASCII each character and of others that they are others', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          texts.map((text) => text.repeat(3000)),
        ),
        (text) => {
          const { codes, size } = sourceOf(text);
          const wrong = Array.from({ length: size }, (_none, at) => at).filter((at) => {
            const unit = text.charCodeAt(at);
            return unit < 128 ? codes[at] !== unit : (codes[at] ?? 0) < 128;
          });
          expect(size).toBe(text.length);
          expect(wrong).toEqual([]);
          expect(codes[size]).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('calls dense what has the entropy, though it stops where the beginning has enough of it', () => {
    const drawn = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'D', 'e', 'F', '1', '2', '3', 'x'), minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        fc.oneof(
          drawn,
          fc.tuple(drawn, drawn).map(([start, rest]) => start + rest.slice(0, 1).repeat(200)),
        ),
        (tail) => {
          // No name, and with a digit, so that only the entropy is left to ask for.
          const value = `1a1B1c1${tail}`;
          const entropy = entropyOf(value);
          if (Math.abs(entropy - 2.6) < 1e-3) return;
          expect(looksRandom(sourceOf(value), 0, value.length), `${entropy}`).toBe(entropy > 2.6);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('counts a class of characters with the same table as it ends a value', () => {
    const counted = countedClass(classOf('aB3-'));
    expect(['a', 'B', '3', '-', 'z', '密'].map((sign) => (counted[sign.charCodeAt(0)] ?? -1) >= 0)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
