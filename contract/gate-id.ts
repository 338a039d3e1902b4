import { ID_PREFIX } from './ids.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;

/**
 * The id of a gate: the time of its run and the hash of its content. The same question of the same run always has the same
 * id, also when the workflow is replayed or started anew after a loss, so that an answer given once is found again.
 */
export function gateIdOf(runId: string, hash: string): string {
  const time = runId.slice(2, 2 + TIME_CHARS);
  let random = '';
  for (let i = 0; i < RANDOM_CHARS; i++) random += CROCKFORD[Number.parseInt(hash.slice(i * 2, i * 2 + 2), 16) % 32] ?? '0';
  return `${ID_PREFIX.gate}${time}${random}`;
}
