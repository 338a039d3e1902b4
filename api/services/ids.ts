import { monotonicFactory } from 'ulid';
import { ID_PREFIX, type IdKind } from '#contract/ids.ts';

const next = monotonicFactory();

/** A new id; later ones of this process are larger. */
export function newId(kind: IdKind): string {
  return `${ID_PREFIX[kind]}${next()}`;
}

/** Id of an audit entry or of a command. */
export function newUlid(): string {
  return next();
}
