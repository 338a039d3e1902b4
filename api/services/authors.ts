import { canonicalJson } from '#contract/canonical.ts';
import type { Author } from '#contract/approval-rule.ts';
import { GimoError } from '#contract/errors.ts';
import type { Actor } from '../deps.ts';

const MAX_AUTHORS = 100;

/** Who writes, as drafts and decisions name them. */
export function authorOf({ label, name, class: tokenClass, owner }: Actor): Author {
  return {
    by: label,
    class: tokenClass,
    ...(name === null ? {} : { by_name: name }),
    ...(owner === null ? {} : { owner }),
  };
}

/** Everybody who wrote, once. Throws: CONFLICT when there are too many to name in a decision. */
export function withAuthor(authors: readonly Author[], actor: Actor): Author[] {
  const author = authorOf(actor);
  if (authors.some((known) => canonicalJson(known) === canonicalJson(author))) return [...authors];
  if (authors.length < MAX_AUTHORS) return [...authors, author];
  throw new GimoError('CONFLICT', { message: `${MAX_AUTHORS} tokens have edited this draft; make a new one of it.` });
}
