/**
 * Where a value comes from, and whom it may reach. A label is a point of a lattice: a value that is made of others gets the join of
 * their labels, so it is as untrusted as the least trusted of them and as private as the most private. Pure.
 */
import type { Json } from './json.ts';

export const INTEGRITY = ['trusted', 'untrusted'] as const;
export const CONFIDENTIALITY = ['public', 'internal', 'secret'] as const;

export type Label = {
  /** Trusted: written in the plan that a person approved, or by a person. */
  integrity: (typeof INTEGRITY)[number];
  /** Internal: of the repository or of a service that is not open to all. Secret: never leaves without a question. */
  confidentiality: (typeof CONFIDENTIALITY)[number];
  /** A node or input that made it untrusted; null while it is trusted. */
  untrusted_from: string | null;
  /** A node or input that made it private; null while it is public. */
  private_from: string | null;
};

export const CLEAN: Label = { integrity: 'trusted', confidentiality: 'public', untrusted_from: null, private_from: null };
/** Of what comes from outside and may be private: what nothing better is known of. */
export const OUTSIDE: Label = { ...CLEAN, integrity: 'untrusted', confidentiality: 'internal' };
/** Of what anybody can read and anybody can have written. */
export const FOREIGN: Label = { ...CLEAN, integrity: 'untrusted' };
export const INTERNAL: Label = { ...CLEAN, confidentiality: 'internal' };

type Point = { level: number; from: string | null };

/** A total order, so that its maximum is a join: the level first; of one level any name before none, and of two names the first. */
function isAbove(a: Point, b: Point): boolean {
  if (a.level !== b.level) return a.level > b.level;
  if (a.from === null || b.from === null) return a.from !== null;
  return a.from < b.from;
}

const integrityOf = ({ integrity, untrusted_from: from }: Label): Point => ({ level: INTEGRITY.indexOf(integrity), from });
const privacyOf = ({ confidentiality, private_from: from }: Label): Point => ({ level: CONFIDENTIALITY.indexOf(confidentiality), from });

export function join(a: Label, b: Label): Label {
  const trust = isAbove(integrityOf(b), integrityOf(a)) ? b : a;
  const privacy = isAbove(privacyOf(b), privacyOf(a)) ? b : a;
  if (trust === privacy) return trust;
  return {
    integrity: trust.integrity,
    confidentiality: privacy.confidentiality,
    untrusted_from: trust.untrusted_from,
    private_from: privacy.private_from,
  };
}

export function joinAll(labels: Iterable<Label>): Label {
  let all = CLEAN;
  for (const label of labels) all = join(all, label);
  return all;
}

/** Whether a value with the label `inner` may go wherever one with `outer` may. */
export function isBelow(inner: Label, outer: Label): boolean {
  return (
    INTEGRITY.indexOf(inner.integrity) <= INTEGRITY.indexOf(outer.integrity) &&
    CONFIDENTIALITY.indexOf(inner.confidentiality) <= CONFIDENTIALITY.indexOf(outer.confidentiality)
  );
}

/** Names where what has no name yet comes from. */
export function namedAfter(label: Label, from: string): Label {
  const untrusted = label.integrity === 'untrusted' ? (label.untrusted_from ?? from) : null;
  const owner = label.confidentiality === 'public' ? null : (label.private_from ?? from);
  return { ...label, untrusted_from: untrusted, private_from: owner };
}

/** In runs that began when a number, a truth or nothing was taken to carry no instruction, whoever wrote it. */
export function byShape(label: Label, value: Json): Label {
  const isPlain = value === null || typeof value === 'number' || typeof value === 'boolean';
  return isPlain && label.integrity === 'untrusted' ? { ...label, integrity: 'trusted', untrusted_from: null } : label;
}

export function isClean({ integrity, confidentiality }: Label): boolean {
  return integrity === 'trusted' && confidentiality === 'public';
}

export const isUntrusted = ({ integrity }: Label): boolean => integrity === 'untrusted';
export const isPrivate = ({ confidentiality }: Label): boolean => confidentiality !== 'public';
