/** `fetch` for the client of an MCP server: every request goes to the address that was checked, nothing is followed, answers are bounded. */
import type { FetchLike } from '@modelcontextprotocol/client';
import type { OpsConfig } from '#contract/ops-config.ts';
import { guardedRequest, type RequestProgress } from '../net/guarded-request.ts';
import { lookupAll, resolveTarget } from '../net/resolve-target.ts';
import { fillSecrets } from '../net/secrets.ts';

export type GuardedFetchOptions = {
  url: string;
  secretHeaders: Record<string, string>;
  config: Pick<OpsConfig, 'local_hosts' | 'node_secrets'>;
  env: Record<string, string | undefined>;
  maxBytes: number;
  signal: AbortSignal;
  progress: RequestProgress;
};

/** Streams that a server may open by itself are of no use for one call. */
const NO_STREAM = 405;

export function guardedFetch(options: GuardedFetchOptions): FetchLike {
  return async (input, init = {}) => {
    const method = init.method ?? 'GET';
    // What the server says of other addresses counts for nothing: there is one, and an admin named it.
    if (method === 'GET' || String(input) !== options.url) return new Response(null, { status: NO_STREAM });
    const resolved = await resolveTarget(options.url, options.config.local_hosts, lookupAll);
    const secrets = fillSecrets(options.secretHeaders, resolved, options);
    const headers = { ...Object.fromEntries(new Headers(init.headers)), ...secrets };
    const body = typeof init.body === 'string' ? Buffer.from(init.body) : null;
    const signal = AbortSignal.any([options.signal, ...(init.signal ? [init.signal] : [])]);
    const answer = await guardedRequest(resolved, { method, headers, body, maxBytes: options.maxBytes, signal }, options.progress);
    const given = Object.entries(answer.headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const hasBody = answer.status !== 204 && answer.status !== 304;
    return new Response(hasBody ? new Uint8Array(answer.body) : null, { status: answer.status, headers: given });
  };
}
