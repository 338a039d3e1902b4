/** The network of a fenced program: a proxy for it alone, each connection in its output and in the audit log. */
import { requireParts } from '#contract/fence-parts.ts';
import type { EffectKind } from '#contract/nodes/index.ts';
import type { JsonObject } from '#contract/json.ts';
import { audit } from '../effects/audit.ts';
import { proxyEnv } from '../fence/forwarder.ts';
import { missingParts } from '../fence/missing-parts.ts';
import { startEgressProxy, type Connection } from '../net/egress-proxy.ts';
import { lookupAll } from '../net/resolve-target.ts';
import { readOpsConfig } from '../runs/settings.ts';
import type { EffectCall } from './act.ts';

const IN_AUDIT = 200;

export type OpenEgress = { socket: string; env: Record<string, string>; readPaths: string[]; close(): Promise<void> };

/**
 * In: hosts of the node, which its permit covers. Out: the way there; `close` ends every connection and writes the audit entry.
 * Throws: FENCE_INCOMPLETE where a program could go round it.
 */
export async function openEgress<K extends EffectKind>(
  { deps, input, key, output }: EffectCall<K>,
  hosts: readonly string[],
): Promise<OpenEgress> {
  requireParts(['egress'], missingParts(deps.fence));
  const { local_hosts: localHosts } = await readOpsConfig(deps.gics);
  const connections: Connection[] = [];
  let count = 0;
  const onConnection = (one: Connection): void => {
    count += 1;
    if (connections.length < IN_AUDIT) connections.push(one);
    output.write('network', `${lineOf(one)}\n`);
  };
  const egress = await startEgressProxy({ rules: { hosts, localHosts, lookup: lookupAll }, onConnection });
  const close = async (): Promise<void> => {
    await egress.close();
    const detail: JsonObject = { hosts: [...hosts], count, connections };
    await deps.gics.txn([audit('process.network', `${input.run_id}/${input.node}`, detail, `network/${key}`)]);
  };
  return { socket: egress.socket, env: proxyEnv(), readPaths: [egress.folder, deps.fence.tools.node], close };
}

function lineOf({ to, outcome, why, sent_bytes: sent, received_bytes: received }: Connection): string {
  return `network: ${outcome} ${to}${why === '' ? '' : `: ${why}`} (${sent} bytes out, ${received} in)`;
}
