import { describe, expect, it } from 'vitest';
import { flowFindingsOf } from './flow.ts';
import { validatePlan } from '../plan-check.ts';
import { envelopeOf } from '../plan-envelope.ts';

const page = { id: 'page', kind: 'http', with: { url: 'https://example.com/issue' } };
const review = { id: 'review', kind: 'llm', needs: ['page'], with: { prompt: 'Is this safe? ${{ nodes.page.output.body }}' } };
const saysSafe = 'nodes.review.output.text.contains("safe")';

const find = (...nodes: object[]): string[] => {
  const plan = validatePlan({ version: 1, title: 'T', nodes });
  return flowFindingsOf(plan, envelopeOf(plan))
    .filter(({ rule }) => rule === 'UNTRUSTED_CONDITION')
    .map(({ severity, node, evidence }) => `${severity} ${node}: ${evidence}`);
};
const when = (node: object, source = saysSafe): object => ({ needs: ['review'], when: source, ...node });
const deploy = { id: 'deploy', kind: 'process', with: { argv: ['make', 'deploy'], write: ['out'] } };

// verifies: PRIN-3
describe('text that nobody has approved', () => {
  it('decides whether something is done, and the packet says so with the way that it takes', () => {
    expect(find(page, review, when(deploy))).toEqual(['medium deploy: page → review → deploy']);
    const list = { id: 'm', kind: 'map', with: { over: '[1]', as: 'n', nodes: [deploy] } };
    expect(find(page, review, when(list))).toEqual(['medium m: page → review → m']);
    expect(
      find(page, review, { id: 'm', kind: 'map', needs: ['review'], with: { ...list.with, nodes: [when({ ...deploy, needs: [] })] } }),
    ).toEqual(['medium deploy: page → review → deploy']);
  });

  it('decides by way of a condition', () => {
    const is = { id: 'is', kind: 'condition', needs: ['review'], with: { if: saysSafe } };
    expect(find(page, review, is, { ...deploy, needs: ['is'], when: 'nodes.is.output' })).toEqual([
      'medium deploy: page → review → is → deploy',
    ]);
  });

  it('decides whether a person is asked at all, which is a high risk', () => {
    const ask = { id: 'ask', kind: 'gate', with: { title: 'Deploy?' } };
    const both = { id: 'either', kind: 'join', needs: ['ask', 'review'], with: { mode: 'any' } };
    expect(find(page, review, when(ask, `!${saysSafe}`), both, { ...deploy, needs: ['either'] })).toEqual([
      'high ask: page → review → ask',
    ]);
  });

  it('decides nothing where only a number or a status is looked at, or what is left out does nothing outside', () => {
    const test = { id: 'test', kind: 'process', with: { argv: ['make', 'test'], allow_exit: [0, 1] } };
    expect(find(test, { ...deploy, needs: ['test'], when: 'nodes.test.output.exit_code == 0 && nodes.test.status == "done"' })).toEqual([]);
    expect(find(page, { ...deploy, needs: ['page'], when: 'nodes.page.output.status == 200' })).toEqual([]);
    expect(find(page, review, when({ id: 'v', kind: 'value', with: { value: 1 } }))).toEqual([]);
    expect(
      find({ id: 'v', kind: 'value', with: { value: 'safe' } }, { ...deploy, needs: ['v'], when: 'nodes.v.output == "safe"' }),
    ).toEqual([]);
  });
});
