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

describe('a node with more than one fault', () => {
  it('is told all of them: fields, kind, fields of the kind and expressions', () => {
    const plan = {
      version: 1,
      title: 'Five nodes',
      nodes: [
        { id: 'A', kind: 'proces', needs: 'b', with: { argv: ['x', '${{ nodes.gone.output }}'] } },
        { id: 'b', kind: 'process', colour: 'red', with: { argv: 'ls' } },
        { id: 'c', kind: 'value', retries: 1, when: '1 +', with: { value: '${{ nodes.nowhere.output }}' } },
        { id: 'd', kind: 'transform', needs: ['b'], with: { expr: '1 +' } },
        { id: 'e', kind: 'loop', colour: 'red', with: { max: 2, nodes: [{ id: 'f', kind: 'value', with: { value: '${{ last }}' } }] } },
      ],
    };
    const found = checkPlan(plan).faults.map(({ code, path }) => `${code} ${path}`);
    expect(found.toSorted()).toEqual([
      'EXPRESSION nodes[2].when',
      'EXPRESSION nodes[3].with.expr',
      'INVALID_FORMAT nodes[0].id',
      'INVALID_TYPE nodes[0].needs',
      'INVALID_TYPE nodes[1].with.argv',
      'REF_NOT_UPSTREAM nodes[0].with.argv[1]',
      'REF_NOT_UPSTREAM nodes[2].with.value',
      'UNKNOWN_KIND nodes[0].kind',
      'UNRECOGNIZED_KEYS nodes[1]',
      'UNRECOGNIZED_KEYS nodes[2]',
      'UNRECOGNIZED_KEYS nodes[4]',
    ]);
  });

  it('in the body of a container is told when the container has faults too', () => {
    const body = [{ id: 'f', kind: 'nope' }];
    const faults = checkPlan({
      version: 1,
      title: 'T',
      nodes: [{ id: 'e', kind: 'map', colour: 'red', with: { over: [1], nodes: body } }],
    }).faults;
    expect(faults.map(({ code }) => code).toSorted()).toEqual(['UNKNOWN_KIND', 'UNRECOGNIZED_KEYS']);
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
