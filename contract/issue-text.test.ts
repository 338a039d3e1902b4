import { expect, it } from 'vitest';
import { checkPlan } from './plan-check.ts';

it('a field that is missing, and one that is misspelt, are told in plain words', () => {
  const plan = { version: 1, titel: 'T', nodes: [{ id: 'a', kind: 'noop', neds: [], whn: 'true' }, { kind: 'noop' }] };
  expect(checkPlan(plan).faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'title: is missing',
    ': there is no field `titel` here',
    'nodes[0]: there is no field `neds`, `whn` here',
    'nodes[1].id: is missing',
  ]);
  expect(checkPlan({ ...plan, title: 1 }).faults[0]?.message).toBe('Invalid input: expected string, received number');
});
