import type { FencePart, MissingPart } from '#contract/fence-parts.ts';
import type { FenceStatus } from './fence.ts';

const NO_GROUP = 'no control group of that kind may be written here';

/** What of a fence this machine does not give, each with what would. */
export function missingParts(status: FenceStatus): MissingPart[] {
  const { kind, groups, tools, processCountLimit, hasLoopback } = status;
  const missing: MissingPart[] = [];
  const add = (part: FencePart, why: string): void => void missing.push({ part, why });
  const isNamespaced = kind === 'bubblewrap' || kind === 'unshare';
  if (kind === 'none' || kind === 'unfenced') add('sandbox', 'install bubblewrap (bwrap), or allow user namespaces');
  if (groups?.has('memory') !== true)
    add(
      'memory',
      `${NO_GROUP}; ${tools.prlimit === null ? 'nothing limits it: install prlimit (util-linux)' : 'only each process by itself is limited'}`,
    );
  if (groups?.has('pids') !== true && (processCountLimit === null || !isNamespaced)) add('processes', NO_GROUP);
  if (groups?.has('cpu') !== true) add('cpu', `${NO_GROUP}; only the processor time of each process is limited`);
  if (!isNamespaced) add('egress', 'it needs bubblewrap (bwrap) or user namespaces');
  else if (!hasLoopback) add('egress', 'the loopback device of a sandbox cannot be started: install iproute2 (ip)');
  return missing;
}
