import { createHash, randomBytes } from 'node:crypto';
import type { Gics } from '#contract/gics.ts';

const VALID_MS = 5 * 60_000;

/**
 * A link that signs in once, as admin, within five minutes. The code stands in the fragment, which browsers do not send;
 * GICS holds its SHA-256 only. In: the page to open. Throws: GICS_UNAVAILABLE.
 */
export async function createLoginLink(gics: Pick<Gics, 'txn'>, page: string): Promise<string> {
  const code = randomBytes(32).toString('base64url');
  const id = createHash('sha256').update(code).digest('hex');
  const expiresAt = new Date(Date.now() + VALID_MS).toISOString();
  await gics.txn([{ op: 'put', collection: 'login_codes', id, value: { role: 'admin', expires_at: expiresAt, used: false }, rev: 0 }]);
  return new URL(`#login=${code}`, page).href;
}
