import { ID_PREFIX, type IdKind } from './ids.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;

/**
 * An id made of the time of a run and a hash. The same content of the same run always has the same id, also when the
 * workflow is replayed or started anew after a loss.
 */
export function derivedId(kind: IdKind, runId: string, hash: string): string {
  const time = runId.slice(2, 2 + TIME_CHARS);
  let random = '';
  for (let i = 0; i < RANDOM_CHARS; i++) random += CROCKFORD[Number.parseInt(hash.slice(i * 2, i * 2 + 2), 16) % 32] ?? '0';
  return `${ID_PREFIX[kind]}${time}${random}`;
}

/** The id of a gate: the same question is the same gate, so that an answer given once is found again. */
export function gateIdOf(runId: string, hash: string): string {
  return derivedId('gate', runId, hash);
}
