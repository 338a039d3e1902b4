import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodedHost } from './punycode.ts';

it('encoded hosts are decoded to what was encoded', () => {
  const label = fc.string({ unit: fc.constantFrom(...Array.from('abcxyz-09äöüßабвгіжλμ日本語👍')), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(label, (text) => {
      const encoded = domainToASCII(`${text}.example.com`);
      fc.pre(encoded.includes('xn--'));
      expect(domainToASCII(decodedHost(encoded) ?? '')).toBe(encoded);
    }),
  );
  expect(decodedHost('api.xn--bcher-kva.example')).toBe('api.bücher.example');
});

it('a host that is not encoded, or not well, has no other form', () => {
  expect(decodedHost('example.com')).toBeNull();
  expect(decodedHost('xn--a_b!.com')).toBeNull();
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...Array.from('az09-')) }), (text) => void decodedHost(`xn--${text}`)));
});
