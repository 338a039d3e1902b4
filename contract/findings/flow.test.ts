import { describe, expect, it } from 'vitest';
import { flowFindingsOf } from './flow.ts';
import type { Finding } from '../objects.ts';
import { checkPlan, validatePlan } from '../plan-check.ts';
import { envelopeOf } from '../plan-envelope.ts';

const find = (nodes: object[], more: object = {}): Finding[] => {
  const plan = validatePlan({ version: 1, title: 'T', nodes, ...more });
  return flowFindingsOf(plan, envelopeOf(plan));
};
const short = (findings: Finding[]): string[] =>
  findings.map(({ rule, severity, node, evidence }) => `${severity} ${rule} ${node}: ${evidence}`);
const cat = { id: 'files', kind: 'process', with: { argv: ['cat', 'a'] } };
const post = (body: string, needs: string[]): object => ({
  id: 'post',
  kind: 'http',
  needs,
  with: { method: 'POST', url: 'https://example.com/in', body },
});
const llm = (prompt: string, needs: string[]): object => ({ id: 'sum', kind: 'llm', needs, with: { prompt } });

// verifies: PRIN-3
describe('a packet says of values that they may go where they should not', () => {
  it('with the path from where they come to where they leave', () => {
    const nodes = [cat, llm('${{ nodes.files.output.stdout }}', ['files']), post('${{ nodes.sum.output.text }}', ['sum'])];
    const [found] = find(nodes);
    expect(short(find(nodes))).toEqual(['medium PRIVATE_DATA_LEAVES post: files → sum → post']);
    expect(found?.message).toContain(
      'Private data (`files`) and text that anybody may have written (`files`) go together to `example.com`',
    );
    expect(found?.message).toContain('A person is asked before each such effect');
  });

  it('and says so louder where the plan states that nobody is to be asked', () => {
    const nodes = [cat, post('${{ nodes.files.output.stdout }}', ['files'])];
    expect(short(find(nodes, { envelope: { flows: ['post'] } }))).toEqual(['high PRIVATE_DATA_LEAVES post: files → post']);
    expect(checkPlan({ version: 1, title: 'T', nodes, envelope: { flows: ['other'] } }).faults.map(({ code }) => code)).toEqual([
      'FLOW_UNKNOWN',
    ]);
  });

  it('through calculations, lists, loops and the names of variables', () => {
    const send = { id: 'post', kind: 'http', with: { method: 'POST', url: 'https://example.com/in', body: '${{ line }}' } };
    const over = { id: 'm', kind: 'map', needs: ['t'], with: { over: '${{ nodes.t.output }}', as: 'line', nodes: [send] } };
    const split = { id: 't', kind: 'transform', needs: ['files'], with: { expr: '[nodes.files.output.stdout]' } };
    expect(short(find([cat, split, over]))).toEqual(['medium PRIVATE_DATA_LEAVES post: files → … → post']);
    const body = [
      { id: 'post', kind: 'http', with: { method: 'POST', url: 'https://example.com/in', body: '${{ string(last) }}' } },
      { ...cat, needs: ['post'] },
    ];
    expect(find([{ id: 'l', kind: 'loop', with: { max: 2, nodes: body, output: 'nodes.files.output.stdout' } }])).toHaveLength(1);
  });

  it('when text chooses the program, the shell text, the host or the model', () => {
    const dynamic = (node: object, envelope: object): string[] =>
      find([cat, { id: 'x', needs: ['files'], ...node }], { envelope }).map(({ rule, severity }) => `${severity} ${rule}`);
    const text = '${{ nodes.files.output.stdout }}';
    const commands = { commands: [['cat', 'a'], ['*'], ['sh', '-c', '*']] };
    expect(dynamic({ kind: 'process', with: { argv: [text] } }, commands)).toEqual(['high UNTRUSTED_CHOICE']);
    expect(dynamic({ kind: 'process', with: { argv: ['sh', '-c', `echo ${text}`] } }, commands)).toEqual(['high UNTRUSTED_CHOICE']);
    expect(dynamic({ kind: 'http', with: { url: text } }, { hosts: ['*'] })).toEqual([
      'high UNTRUSTED_CHOICE',
      'medium PRIVATE_DATA_LEAVES',
    ]);
    expect(dynamic({ kind: 'llm', with: { prompt: 'p', model: text } }, {})).toEqual(['high UNTRUSTED_CHOICE']);
    expect(
      dynamic(
        { kind: 'process', with: { argv: ['cat', text] } },
        {
          commands: [
            ['cat', '*'],
            ['cat', 'a'],
          ],
        },
      ),
    ).toEqual([]);
  });

  it('and nothing of values that a person wrote, that are public or that stay here', () => {
    const value = { id: 'files', kind: 'value', with: { value: 'mine' } };
    expect(find([value, post('${{ nodes.files.output }}', ['files'])])).toEqual([]);
    const page = { id: 'files', kind: 'http', with: { url: 'https://example.com/' } };
    expect(find([page, post('${{ nodes.files.output.body }}', ['files'])])).toEqual([]);
    expect(find([cat, llm('${{ nodes.files.output.stdout }}', ['files'])])).toEqual([]);
    expect(find([post('${{ inputs.x }}', [])], { inputs: { x: { open: true } } })).toEqual([]);
  });
});
