/** Which hosts a fenced program may reach, and by which address. */
import { GimoError } from '#contract/errors.ts';
import { httpTarget } from '#contract/http-target.ts';
import { resolveTarget, type Lookup } from './resolve-target.ts';

export type EgressRules = {
  /** Of the node, as the envelope grants them: `host` for its usual port, `host:port` for that one. */
  hosts: readonly string[];
  /** Services of the local network that an admin opened, as host:port. */
  localHosts: readonly string[];
  lookup: Lookup;
};

export type Way = { host: string; port: number; address: string };

/** `url`: the address as the program gave it; of a CONNECT that is `https://` and its authority. Throws: ADDRESS_REFUSED, HTTP_FAILED. */
export async function wayTo(url: string, { hosts, localHosts, lookup }: EgressRules): Promise<Way> {
  const target = httpTarget(url);
  if (target === null) throw refused(`\`${url.slice(0, 200)}\` is not a plain host with a port`);
  const { hostname, port, protocol } = target;
  // Programs ask for a tunnel for http as well.
  const usual = protocol === 'https' ? [443, 80] : [80];
  const words = [`${hostname}:${port}`, ...(usual.includes(port) ? [hostname] : [])];
  // Before the name is resolved: a look-up tells others about it too.
  if (!words.some((word) => hosts.includes(word))) throw refused(`\`${hostname}:${port}\` is not among the hosts of this node`);
  const { address } = await resolveTarget(url, localHosts, lookup);
  return { host: hostname, port, address };
}

const refused = (message: string): GimoError => new GimoError('ADDRESS_REFUSED', { message: `${message}.` });
