import type { Author } from './approval-rule.ts';

/** Whose text is in what is decided on, in a sentence. An agent is named as what it is, with the person who made its token where there is one. */
export function writtenBy(authors: readonly Author[]): string {
  return `Written by ${authors.map(nameOf).join(', ')}.`;
}

function nameOf({ by, by_name: name = by, class: kind, owner }: Author): string {
  return kind === 'human' ? name : `${name} (an agent${owner === undefined ? '' : ` of ${owner}`})`;
}
