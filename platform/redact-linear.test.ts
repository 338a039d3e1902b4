import { describe, expect, it } from 'vitest';
import { CONTEXT_RULES, findSecretsIn, RULES } from './redaction/find-secrets.ts';
import { sourceOf } from './redaction/source.ts';

/** Enough for each rule to look at what it may; a rule that looks to the end of a text for each hit reads thousands of times as much. */
const MOST_READS_PER_CHAR = 150;
const SHORT = 1 << 10;
const LONG = 1 << 15;

/** How often a character of the text is looked at, for each of its characters. */
function readsPerChar(part: string, chars: number): number {
  const source = sourceOf(part.repeat(Math.ceil(chars / part.length)));
  let reads = 0;
  const counted = <T extends object>(array: T): T =>
    new Proxy(array, {
      get(target, name) {
        reads += 1;
        return Reflect.get(target, name);
      },
    });
  findSecretsIn({ ...source, codes: counted(source.codes), pairs: counted(source.pairs) });
  return reads / source.size;
}

const literals = [...RULES.map((rule) => rule.literals[0] ?? ''), ...CONTEXT_RULES.flatMap((rule) => rule.literals)];
const examples = [...RULES, ...CONTEXT_RULES].map(({ example }) => example);
/** What may stand between two of a kind, so that each begins a token, a value, a name or nothing. */
const BETWEEN = ['', '.', '-A0', ' ', '": "', '=aB3dE5fG7hJ9kLmN.'];
const CHAINS = [
  'key=key=key=',
  'token.qqqqqqqq.',
  'token.aB3dE5fG7hJ9kL',
  'eyJaaaaaaaaaaaaaaaa-',
  'token is set to be ',
  'Cookie: a ',
  'Authorization: ',
  '://a:b?',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN RSA ',
];

describe('the time of the redactor', () => {
  // verifies: SEC-9b
  it('grows with the text only, whatever is repeated in it and however often', () => {
    const parts = [...literals.flatMap((literal) => BETWEEN.map((sign) => literal + sign)), ...examples];
    const slow = parts.filter((part) => readsPerChar(part, SHORT) > MOST_READS_PER_CHAR);
    expect(slow).toEqual([]);
  }, 60_000);

  // verifies: SEC-9b
  it.each(CHAINS)('is the same for each character of a longer chain of %j', (part) => {
    const [short, long] = [readsPerChar(part, SHORT), readsPerChar(part, LONG)];
    expect(long).toBeLessThan(MOST_READS_PER_CHAR);
    expect(long).toBeLessThan(short * 1.5 + 1);
  });
});
