import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errorMessage, GimoError } from '#contract/errors.ts';
import { httpTarget, localHostOf, type HttpTarget } from '#contract/http-target.ts';
import { isPublicAddress } from './addresses.ts';

export type Lookup = (hostname: string) => Promise<string[]>;

/** Where a request goes: the address that was checked is the one that is connected to. */
export type Resolved = { target: HttpTarget; url: URL; address: string; isLocal: boolean };

export const lookupAll: Lookup = async (hostname) => (await systemLookup(hostname, { all: true })).map(({ address }) => address);

/**
 * Reads an address and resolves its host once. In: services that an admin opened, as host:port.
 * Waits: for the resolver. Throws: ADDRESS_REFUSED, HTTP_FAILED when the name does not resolve.
 */
export async function resolveTarget(text: string, localHosts: readonly string[], lookup: Lookup): Promise<Resolved> {
  const target = httpTarget(text);
  const url = URL.canParse(text) ? new URL(text) : null;
  // Two readings of one address would let one be checked and the other be called: 0x7f.1, 2130706433, [::ffff:7f00:1] written otherwise.
  if (target === null || url === null || url.hostname !== target.hostname)
    throw new GimoError('ADDRESS_REFUSED', { message: `\`${text.slice(0, 200)}\` is not a plain http or https address.` });
  const isLocal = localHosts.includes(localHostOf(target));
  const addresses = await addressesOf(target.hostname, lookup);
  const address = isLocal ? addresses[0] : addresses.find(isPublicAddress);
  if (address === undefined)
    throw new GimoError('ADDRESS_REFUSED', {
      message: `\`${target.host}\` leads to ${addresses.join(', ') || 'nowhere'}, which is not public.`,
    });
  return { target, url, address, isLocal };
}

async function addressesOf(hostname: string, lookup: Lookup): Promise<string[]> {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (isIP(bare) !== 0) return [bare];
  try {
    return await lookup(bare);
  } catch (error) {
    throw new GimoError('HTTP_FAILED', { message: `The name \`${bare}\` could not be resolved: ${errorMessage(error)}`, cause: error });
  }
}
