import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byShape, CLEAN, CONFIDENTIALITY, INTEGRITY, isBelow, join, joinAll, namedAfter, OUTSIDE, type Label } from './labels.ts';
import { inputLabels, labelOfSource, outputLabel, readsOf, type LabelNames } from './label-reads.ts';
import { KIND_NAMES, NODE_KINDS } from './nodes/index.ts';
import { validatePlan } from './plan-check.ts';

const name = fc.constantFrom('a', 'b', 'c');
const label: fc.Arbitrary<Label> = fc
  .record({
    integrity: fc.constantFrom(...INTEGRITY),
    confidentiality: fc.constantFrom(...CONFIDENTIALITY),
    from: fc.option(name),
    of: fc.option(name),
  })
  .map(({ integrity, confidentiality, from, of }) => ({
    integrity,
    confidentiality,
    untrusted_from: integrity === 'trusted' ? null : from,
    private_from: confidentiality === 'public' ? null : of,
  }));

describe('the join of labels', () => {
  it('does not depend on how it is put together, on the order, or on repeats', () => {
    fc.assert(
      fc.property(label, label, label, (a, b, c) => {
        expect(join(a, join(b, c))).toEqual(join(join(a, b), c));
        expect(join(a, b)).toEqual(join(b, a));
        expect(join(a, a)).toEqual(a);
        expect(join(a, CLEAN)).toEqual(a);
      }),
      { numRuns: 2000 },
    );
  });

  it('is never below what it is made of, and the least that is not', () => {
    fc.assert(
      fc.property(label, label, label, (a, b, above) => {
        const both = join(a, b);
        expect([isBelow(a, both), isBelow(b, both)]).toEqual([true, true]);
        expect(isBelow(both, above)).toBe(isBelow(a, above) && isBelow(b, above));
      }),
      { numRuns: 2000 },
    );
  });

  it('only rises when a part of it rises', () => {
    fc.assert(
      fc.property(label, label, fc.array(label), (low, more, others) => {
        expect(isBelow(joinAll([low, ...others]), joinAll([join(low, more), ...others]))).toBe(true);
      }),
    );
  });

  it('keeps a name of what made it so, as long as there is one', () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        const { untrusted_from: from } = join(namedAfter(a, 'a'), namedAfter(b, 'b'));
        expect(from === null).toBe(a.integrity === 'trusted' && b.integrity === 'trusted');
      }),
    );
  });
});

const names = (labels: Record<string, Label>): LabelNames => ({
  node: (id) => labels[id] ?? CLEAN,
  input: (id) => labels[`inputs.${id}`] ?? CLEAN,
  variable: (id) => labels[`var.${id}`] ?? null,
});

describe('the label of an expression', () => {
  const dirty = names({ mail: OUTSIDE, 'inputs.open': OUTSIDE, 'var.item': OUTSIDE });

  it.each([
    ['nodes.mail.output.text', 'untrusted'],
    ['nodes["mail"].output', 'untrusted'],
    ['nodes.clean.output + nodes.mail.output', 'untrusted'],
    ['[1, 2].map(x, nodes.mail.output)', 'untrusted'],
    ['true ? "a" : nodes.mail.output', 'untrusted'],
    ['inputs.open', 'untrusted'],
    ['item.name', 'untrusted'],
    ['size(inputs)', 'untrusted'],
    ['nodes.clean.output', 'trusted'],
    ['inputs.bound + run.id', 'trusted'],
    ['[1, 2].filter(item, item > 1)', 'trusted'],
  ])('%s is %s', (source, integrity) => {
    expect(labelOfSource(source, dirty).integrity).toBe(integrity);
  });

  it('that comes to a number carries no text, and is as private as before', () => {
    expect(byShape(OUTSIDE, 3)).toMatchObject({ integrity: 'trusted', confidentiality: 'internal' });
    expect(byShape(OUTSIDE, 'three')).toEqual(OUTSIDE);
    expect(byShape(OUTSIDE, [3])).toEqual(OUTSIDE);
  });
});

describe('the label of an output', () => {
  it('is never below that of what went in, but where a person or GIMO wrote it', () => {
    const written = KIND_NAMES.filter((kind) => !isBelow(OUTSIDE, outputLabel({ kind, with: {} }, 'x', OUTSIDE)));
    expect(written.toSorted()).toEqual(['gate', 'join', 'notify', 'wait']);
  });

  it('comes from outside where a kind says nothing of it', () => {
    const silent = KIND_NAMES.filter((kind) => !('label' in NODE_KINDS[kind]));
    expect(silent).toEqual(expect.arrayContaining(['llm', 'process', 'mcp_tool', 'delegate']));
    for (const kind of silent)
      expect(outputLabel({ kind, with: {} }, 'x', CLEAN)).toMatchObject({ integrity: 'untrusted', untrusted_from: 'x' });
  });

  it('names where it first came from, through models and calculations', () => {
    const { nodes } = validatePlan({
      version: 1,
      title: 'T',
      nodes: [
        { id: 'mail', kind: 'process', with: { argv: ['cat', 'mail'] } },
        { id: 'sum', kind: 'llm', needs: ['mail'], with: { prompt: 'Read ${{ nodes.mail.output.stdout }}' } },
      ],
    });
    const [mail, sum] = nodes;
    if (!mail || !sum) throw new Error('there are two');
    const read = outputLabel(mail, 'mail', CLEAN);
    expect(outputLabel(sum, 'sum', inputLabels(readsOf(sum), CLEAN, names({ mail: read })).all)).toMatchObject({
      untrusted_from: 'mail',
      private_from: 'mail',
    });
  });
});
