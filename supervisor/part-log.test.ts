import { describe, expect, it } from 'vitest';
import { plainWords } from './part-log.ts';
import { createLoginLink } from './login-link.ts';
import { createHash } from 'node:crypto';
import type { GicsOp } from '#contract/gics.ts';

describe('log lines in plain words', () => {
  it('are the message and its cause, or the line itself', () => {
    expect([
      plainWords('{"level":"error","msg":"the store could not be closed","err":{"type":"Error","message":"disk full","stack":"…"}}'),
      plainWords('{"level":"error","msg":"same","err":{"message":"same"}}'),
      plainWords('  SyntaxError: bad  '),
      plainWords('{"half":'),
    ]).toEqual(['the store could not be closed: disk full', 'same', 'SyntaxError: bad', '{"half":']);
  });
});

describe('the login link', () => {
  it('carries a code of which only the hash is stored, for five minutes, unused', async () => {
    const ops: GicsOp[] = [];
    const link = await createLoginLink({ txn: async (given) => (ops.push(...given), []) }, 'http://127.0.0.1:1');
    const code = link.split('/#login=')[1] ?? '';
    const id = createHash('sha256').update(code).digest('hex');
    expect(Buffer.from(code, 'base64url')).toHaveLength(32);
    expect(ops).toEqual([
      { op: 'put', collection: 'login_codes', id, rev: 0, value: { role: 'admin', expires_at: expect.any(String), used: false } },
    ]);
    expect(JSON.stringify(ops)).not.toContain(code);
  });
});
