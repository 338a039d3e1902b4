import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrityPart, LabelSchema, labelText, privacyPart } from './label-view.ts';
import { CLEAN, CONFIDENTIALITY, FOREIGN, INTEGRITY, namedAfter, OUTSIDE, type Label } from './labels.ts';

describe('a label in plain words', () => {
  it('says what is in the value, from where, and when a person is asked', () => {
    expect(labelText(CLEAN)).toBe('Trusted: no text is in it that nobody has approved. Public: nothing private is in it.');
    expect(labelText(namedAfter(OUTSIDE, 'read'))).toBe(
      'Not trusted: text from `read`, which nobody has approved, may be in it. A person is asked before it chooses what is run. ' +
        'Private: data from `read` may be in it. A person is asked before it leaves together with text that is not trusted.',
    );
    expect(labelText(namedAfter(FOREIGN, 'inputs.mail'))).toContain('text from `inputs.mail`, which nobody has approved, may be in it');
    expect(labelText({ ...CLEAN, confidentiality: 'secret', private_from: 'keys' })).toContain(
      'Secret: data from `keys` may be in it. A person is asked before it leaves.',
    );
  });

  it('names of each part what raised it, and nothing where nothing did', () => {
    const name = fc.constantFrom('a', 'inputs.b', null);
    const labels = fc.record({
      integrity: fc.constantFrom(...INTEGRITY),
      confidentiality: fc.constantFrom(...CONFIDENTIALITY),
      untrusted_from: name,
      private_from: name,
    });
    fc.assert(
      fc.property(labels, (label: Label) => {
        const [trust, privacy] = [integrityPart(label), privacyPart(label)];
        expect(trust).toMatchObject({ isRaised: label.integrity !== 'trusted', from: trust.isRaised ? label.untrusted_from : null });
        expect(privacy).toMatchObject({ isRaised: label.confidentiality !== 'public', from: privacy.isRaised ? label.private_from : null });
        expect(LabelSchema.parse(label)).toEqual(label);
      }),
    );
  });
});
