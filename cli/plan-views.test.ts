import { expect, it } from 'vitest';
import { PLAN_VIEWS } from './plan-views.ts';
import { createPaint } from './terminal.ts';

it('drafts and approvals are listed by the titles of their plans, what has no plan by what was asked for', () => {
  const lines = (id: 'drafts_list' | 'approved_list', rows: object[]): string[] | undefined =>
    PLAN_VIEWS[id]?.(rows as never, createPaint(false), 80);
  const plan = { title: 'Repository health' };
  expect(
    lines('drafts_list', [
      { id: 'd_2', status: 'approved', prompt: 'Measure the repository at hand.', plan },
      { id: 'd_1', status: 'error', prompt: 'Say hello', plan: null },
    ]),
  ).toEqual(['id   status    title', 'd_2  approved  Repository health', 'd_1  error     Say hello']);
  expect(lines('approved_list', [{ id: 'a_1', prompt: '', plan }])).toEqual(['id   title', 'a_1  Repository health']);
  expect(lines('drafts_list', [])).toEqual(['none']);
});
