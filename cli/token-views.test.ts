import { expect, it } from 'vitest';
import { createPaint } from './terminal.ts';
import { TOKEN_VIEWS } from './token-views.ts';

it('a list of tokens says until when each holds, in a terminal of eighty columns', () => {
  const token = {
    id: 't_01J8ZC5V3N9Q2T4W6Y8B0D2F4H',
    label: 'an editor',
    role: 'admin',
    class: 'agent',
    actor: 'admin:0123456789ab',
    created_at: '2026-01-02T03:04:05.000Z',
    expires_at: '2026-02-01T03:04:05.000Z',
    last_used_at: '2026-01-03T03:04:05.000Z',
    revoked_at: null,
  };
  const lines = TOKEN_VIEWS.tokens_list?.([token] as never, createPaint(false), 80) ?? [];
  expect(lines.map((line) => line.trimEnd())).toEqual([
    'id                            label      role   class  expires_at',
    't_01J8ZC5V3N9Q2T4W6Y8B0D2F4H  an editor  admin  agent  2026-02-01',
  ]);
});
