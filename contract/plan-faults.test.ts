import { describe, expect, it } from 'vitest';
import { checkPlan, faultsSentence } from './plan-check.ts';

describe('a plan with faults in its head', () => {
  it('is told those of its nodes too, and no false ones for what its faulty inputs would have been', () => {
    const plan = {
      version: 1,
      title: 'Wrong in many ways',
      colour: 'red',
      inputs: { count: 7 },
      nodes: [
        { id: 'a', kind: 'value', with: { value: '${{ inputs.count }}' } },
        { id: 'a', kind: 'value', with: { value: '${{ inputs.other }}' } },
        { id: 'b', kind: 'noop', needs: ['gone'] },
      ],
      outputs: { o: 'nodes.none.output' },
    };
    const found = checkPlan(plan).faults.map(({ code, path }) => `${code} ${path}`);
    expect(found.toSorted()).toEqual([
      'DUPLICATE_ID nodes',
      'INVALID_TYPE inputs.count',
      'REF_NOT_UPSTREAM outputs.o',
      'UNKNOWN_INPUT nodes[1].with.value',
      'UNKNOWN_NEED nodes[2].needs[0]',
      'UNRECOGNIZED_KEYS ',
    ]);
  });
});

describe('the sentence of the faults', () => {
  it('names the place of the first, as far as it has one', () => {
    const fault = { code: 'X', message: 'there is no field `colour` here' };
    expect(faultsSentence([{ ...fault, node: null, path: '' }])).toBe('The plan has 1 fault. First: there is no field `colour` here.');
    expect(
      faultsSentence([
        { ...fault, node: 'a', path: 'nodes[0]' },
        { ...fault, node: null, path: '' },
      ]),
    ).toBe('The plan has 2 faults. First: node `a`, nodes[0]: there is no field `colour` here.');
  });
});
