import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from './json.ts';
import { asPattern, parseTemplate, renderString, renderValue } from './template.ts';

describe('references', () => {
  const context = { inputs: { n: 3, list: [1], text: 'a}}b' } };

  it.each<[string, Json]>([
    ['${{ inputs.n }}', 3],
    ['${{inputs.list}}', [1]],
    ['n=${{ inputs.n }}, list=${{ inputs.list }}', 'n=3, list=[1]'],
    ['${HOME} and $(date) stay', '${HOME} and $(date) stay'],
    ['${{ "}}" }}', '}}'],
    ["${{ {'a': {'b': 1}}['a'] }}", { b: 1 }],
    ['${{ inputs.text }}!', 'a}}b!'],
  ])('%s becomes %j', (source, expected) => {
    expect(renderString(source, context)).toEqual(expected);
  });

  it('are rendered in values at any depth, never in keys', () => {
    expect(renderValue({ '${{ inputs.n }}': ['${{ inputs.n }}', { a: 'x' }] }, context)).toEqual({ '${{ inputs.n }}': [3, { a: 'x' }] });
  });

  it('are not looked for in what was rendered', () => {
    expect(renderString('${{ inputs.evil }}', { inputs: { evil: '${{ inputs.n }}' } })).toBe('${{ inputs.n }}');
  });

  it('split any text without losing a character of it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('${{'));
        expect(parseTemplate(text)).toEqual([{ text }]);
      }),
    );
  });

  it('have a pattern for every text: what is not known yet is a star', () => {
    expect(asPattern('a*b\\c ${{ inputs.n }}')).toBe('a\\*b\\\\c *');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('${{', 'x ${{ y', '${{ "')), (text) => typeof asPattern(text) === 'string'),
    );
  });
});
