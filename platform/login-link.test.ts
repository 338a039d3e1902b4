import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GicsOp } from '#contract/gics.ts';
import { createLoginLink } from './login-link.ts';

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
