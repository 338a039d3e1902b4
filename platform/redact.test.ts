import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARRIERS, makeCredentials, type Credential } from '#test/security/credentials.ts';
import { makeOrdinaryLines } from '#test/security/ordinary-lines.ts';
import { CONTEXT_RULES, RULES } from './redaction/find-secrets.ts';
import { addSecret, redact, redactJson, StreamRedactor } from './redact.ts';

/** Twelve characters in a row are taken for a leak: less is also part of names and prefixes. */
function leaks(out: string, value: string): boolean {
  for (let at = 0; at + 12 <= value.length; at += 1) if (out.includes(value.slice(at, at + 12))) return true;
  return false;
}

/** Which rule finds a secret may depend on what of its name has passed already. */
const withoutNames = (text: string): string => text.replaceAll(/\[redacted:[a-z-]+\]/g, '[redacted]');

const inPieces = (text: string, sizes: readonly number[]): string => {
  const redactor = new StreamRedactor();
  let out = '';
  let at = 0;
  for (let turn = 0; at < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    out += redactor.push(text.slice(at, at + size));
    at += size;
  }
  return out + redactor.end();
};

describe('the rules', () => {
  it('each find their example, and their literals are long enough for the filter', () => {
    const missed = [...RULES, ...CONTEXT_RULES].filter(({ example }) => !redact(`see ${example} there`).includes('[redacted:'));
    expect(missed.map(({ name }) => name)).toEqual([]);
    const short = [...RULES, ...CONTEXT_RULES].flatMap(({ literals }) => literals.filter((literal) => literal.length < 3));
    expect(short).toEqual([]);
  });

  // verifies: SEC-9b
  it.each(Object.entries(CARRIERS))('find at least 99.5 % of made-up credentials in %s', (name, carrier) => {
    const credentials = makeCredentials(60, 7);
    const shown = ({ value }: Credential): string => (name === 'a URL' ? encodeURIComponent(value) : value);
    const missed = credentials.filter((credential) => leaks(redact(carrier(credential)), shown(credential)));
    expect(credentials.length).toBeGreaterThan(6000);
    expect(missed.length / credentials.length, JSON.stringify(missed.slice(0, 5))).toBeLessThanOrEqual(0.005);
  });

  // verifies: SEC-9b
  it('touch at most one in a thousand ordinary lines', () => {
    const lines = makeOrdinaryLines(60_000, 11);
    const touched = lines.filter((line) => redact(line) !== line);
    expect(touched.length / lines.length, JSON.stringify(touched.slice(0, 5))).toBeLessThanOrEqual(0.001);
  });
});

describe('redaction', () => {
  it('keeps JSON what it is, whatever stands in it', () => {
    const secrets = makeCredentials(1).map(({ name, value }) => `${name}="${value}"\n`);
    const part = fc.oneof(fc.string(), fc.constantFrom(...secrets, 'password: "', 'Cookie: a=b; c', '://a:b@c', 'Bearer \\"x', "key='"));
    const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text))), (value) => {
        JSON.parse(redact(JSON.stringify(value)));
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing when it is done again', () => {
    for (const carrier of Object.values(CARRIERS)) {
      for (const credential of makeCredentials(2)) {
        const once = redact(carrier(credential));
        expect(redact(once)).toBe(once);
      }
    }
  });

  it('finds a secret among characters of other scripts, at any place of a text longer than what is looked at at once', () => {
    addSecret('tajný-klíč-№7-密鑰');
    const marked = `ghp_${'a0Bc1dE2fG3hJ4kL5mN6'.repeat(2).slice(0, 36)}`;
    for (const length of [0, 1, 32_760, 32_766, 32_767, 32_768, 32_769, 65_535, 70_000]) {
      const before = '密'.repeat(length);
      expect(redact(`${before} ${marked} tajný-klíč-№7-密鑰 end`)).toBe(`${before} [redacted:github-token] [redacted] end`);
    }
  });

  it('keeps lines where they are when a key of several lines is masked', () => {
    const block = ['a', `-----BEGIN PRIVATE KEY-----`, 'MIIabc', 'MIIdef', `-----END PRIVATE KEY-----`, 'b'].join('\n');
    expect(redact(block).split('\n')).toEqual(['a', '[redacted:private-key]', '', '', '', 'b']);
  });

  it('masks known secrets also as part of JSON, of an address and in base64', () => {
    addSecret('a "known" secret/value');
    for (const form of [
      'a "known" secret/value',
      JSON.stringify('a "known" secret/value').slice(1, -1),
      encodeURIComponent('a "known" secret/value'),
    ])
      expect(redact(`<${form}>`)).toBe('<[redacted]>');
    expect(redact(Buffer.from('a "known" secret/value').toString('base64'))).toBe('[redacted]');
  });

  it('masks every text inside of a value, also where no name stands beside it', () => {
    const secret = `ghp_${'a0Bc1dE2fG3hJ4kL5mN6'.repeat(2).slice(0, 36)}`;
    expect(redactJson([secret, { list: [`see ${secret}`] }])).toEqual([
      '[redacted:github-token]',
      { list: ['see [redacted:github-token]'] },
    ]);
  });

  it('judges a field together with its name, at any depth', () => {
    const value = {
      list: [{ api_key: 'b0074c9d9d6c40853b150137d2cae515', commit: 'b0074c9d9d6c40853b150137d2cae515b0074c9d' }],
      n: 1,
      none: null,
    };
    expect(redactJson(value)).toEqual({ list: [{ api_key: '[redacted:secret]', commit: value.list[0]?.commit }], n: 1, none: null });
  });
});

describe('a stream', () => {
  // verifies: SEC-9b
  it('gives nothing away of a secret that comes in pieces, however it is cut', () => {
    const credentials = makeCredentials(1, 3);
    fc.assert(
      fc.property(
        fc.constantFrom(...credentials),
        fc.constantFrom(...Object.values(CARRIERS)),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
        (credential, carrier, sizes) => {
          const text = `first line\n${carrier(credential)}\nlast line, which has no end`;
          const shown = carrier === CARRIERS['a URL'] ? encodeURIComponent(credential.value) : credential.value;
          const out = inPieces(text, sizes);
          expect(leaks(out, shown), out).toBe(false);
          expect(withoutNames(out)).toBe(withoutNames(redact(text)));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('holds back a private key until its end has come', () => {
    const redactor = new StreamRedactor();
    expect(redactor.push(`ok\n-----BEGIN PRIVATE KEY-----\nMIIabc\n`)).toBe('ok\n');
    expect(redactor.push(`MIIdef\n-----END PRIVATE KEY-----\nafter\n`)).toBe('[redacted:private-key]\n\n\n\nafter\n');
  });

  it('shows a line as soon as it has ended, and never holds back more than a little of one that does not', () => {
    const redactor = new StreamRedactor();
    expect(redactor.push('a whole line\nhalf')).toBe('a whole line\n');
    expect(redactor.push(' of one\n')).toBe('half of one\n');
    const long = 'x'.repeat(100_000);
    expect(redactor.push(long).length).toBeGreaterThan(60_000);
    expect(redactor.end().length).toBeLessThan(40_000);
  });
});
