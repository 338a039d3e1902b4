/** Addresses of requests, read without `URL`: this folder also runs where there is none. The worker compares with what `URL` sees. */
import { z } from './zod.ts';

const AUTHORITY = /^https?:\/\/([^/?#\\]*)/i;
// Host names and IP addresses as everybody reads them; no user name, no fragment, nothing that parsers read differently.
const NAME = String.raw`[a-z0-9](?:[a-z0-9-]*[a-z0-9])?`;
const HOST = String.raw`\[[0-9a-f:.]+\]|${NAME}(?:\.${NAME})*`;
const HTTP_URL = new RegExp(String.raw`^(https?):\/\/(${HOST})(?::(\d{1,5}))?(?:[/?][^\s#\\]*)?$`, 'i');
const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** `host` is the word that the envelope covers: with the port when the address states one. */
export type HttpTarget = { protocol: 'http' | 'https'; hostname: string; port: number; host: string };

/** Null when the text is no http or https address of the plain form. */
export function httpTarget(url: string): HttpTarget | null {
  const [, scheme, hostname, port] = HTTP_URL.exec(url) ?? [];
  if (scheme === undefined || hostname === undefined) return null;
  const protocol = scheme.toLowerCase() === 'https' ? 'https' : 'http';
  const number = port === undefined ? DEFAULT_PORT[protocol] : Number(port);
  if (number < 1 || number > 65_535) return null;
  const name = hostname.toLowerCase();
  return { protocol, hostname: name, port: number, host: port === undefined ? name : `${name}:${number}` };
}

/** In: an address as a pattern. Out: its host as one; `*` when not even the scheme is known. */
export function hostPattern(url: string): string {
  const authority = AUTHORITY.exec(url)?.[1];
  return authority === undefined || authority === '' ? '*' : authority.toLowerCase();
}

/** Whether the plan itself names the host. */
export function hasStaticHost(url: string): boolean {
  const authority = AUTHORITY.exec(url)?.[1];
  return authority !== undefined && authority !== '' && !authority.includes('${{');
}

const HOST_PORT = new RegExp(`^(?:${HOST}):\\d{1,5}$`);
/** One service of the local network that nodes and webhooks may call, as `host:port`. */
export const LocalHostSchema = z.string().max(300).regex(HOST_PORT, 'must be host:port in lower case, such as 127.0.0.1:8080');
const HOST_WORD = new RegExp(`^(?:${HOST})(?::\\d{1,5})?$`);
export const HostSchema = z
  .string()
  .max(300)
  .regex(HOST_WORD, 'must be a host in lower case, with its port when that is not the usual one');

export function localHostOf({ hostname, port }: HttpTarget): string {
  return `${hostname}:${port}`;
}
