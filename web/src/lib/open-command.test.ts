import { expect, test } from 'vitest';
import { openCommand } from './open-command.ts';

test('the command of a page leads back to that page, and to the dashboard from any other', () => {
  const ulid = '01J8ZC5V3N9Q2T4W6Y8B0D2F4H';
  expect(openCommand(`/plans/d_${ulid}`)).toBe(`npx gimo open d_${ulid}`);
  expect(openCommand(`/runs/r_${ulid}`)).toBe(`npx gimo open r_${ulid}`);
  expect(openCommand(`/approved/a_${ulid}`)).toBe(`npx gimo open a_${ulid}`);
  for (const other of ['/', '/plans', '/plans/d_1; rm -rf', `/plans/x_${ulid}`]) expect(openCommand(other)).toBe('npx gimo open');
});
