/** Tokens in addresses are refused: an address stands in histories, logs and the next page's referrer. */
import type { FastifyInstance } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import type { Core } from '../deps.ts';

const NAMES = /^(?:access_?token|auth_?token|token|bearer|authorization|api_?key|password|secret|csrf|session)$/i;
const SHAPE = /gimo_[\w-]{40,}/;

function holdsToken(core: Core, url: string): boolean {
  if (SHAPE.test(url)) return true;
  const at = url.indexOf('?');
  if (at === -1) return false;
  const pairs = [...new URLSearchParams(url.slice(at + 1))];
  return pairs.some(([name, value]) => NAMES.test(name) || core.credentials.holderOf(value) !== null);
}

export function registerAddressCheck(app: FastifyInstance, core: Core): void {
  app.addHook('onRequest', async ({ url }) => {
    if (holdsToken(core, url)) throw new GimoError('TOKEN_IN_URL');
  });
}
