import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputKeeper } from './output.ts';

const MARK = /\n… \[(\d+) bytes left out\] …\n/;

test('what fits is kept as it is, whatever the borders of the pieces', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(fc.nat(5), { minLength: 1 }), (text, sizes) => {
      const bytes = Buffer.from(text.toWellFormed());
      const keeper = new OutputKeeper(bytes.length + 2);
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = (sizes[turn % sizes.length] ?? 0) + 1;
        keeper.add(bytes.subarray(at, at + size));
        at += size;
      }
      expect(keeper.text()).toEqual({ text: text.toWellFormed(), truncated: false });
    }),
  );
});

test('what does not fit keeps whole characters of both ends and counts the rest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'ä', '€', '😀'), { minLength: 20, maxLength: 80 }),
      fc.integer({ min: 0, max: 19 }),
      (characters, cap) => {
        const bytes = Buffer.from(characters.join(''));
        const keeper = new OutputKeeper(cap);
        for (const byte of bytes) keeper.add(Buffer.from([byte]));
        const { text, truncated } = keeper.text();
        const [head = '', left = '', tail = ''] = text.split(MARK);
        expect(truncated).toBe(true);
        expect(characters.join('').startsWith(head) && characters.join('').endsWith(tail)).toBe(true);
        expect(Buffer.byteLength(head) + Number(left) + Buffer.byteLength(tail)).toBe(bytes.length);
        expect(Buffer.byteLength(head) + Buffer.byteLength(tail)).toBeLessThanOrEqual(cap);
        expect(Buffer.byteLength(head) + Buffer.byteLength(tail)).toBeGreaterThan(cap - 7);
      },
    ),
  );
});
