/** Rules over the text of a plan: what was hidden in it, and what only looks like something else. */
import { finding, quoteAll } from './finding.ts';
import { programOf } from '../commands/form.ts';
import type { Envelope } from '../envelope.ts';
import { firstInvisible, invisibleIn, showInvisible } from '../invisible.ts';
import { mixedName, mixedWord } from '../lookalike.ts';
import type { Finding, Severity } from '../objects.ts';
import type { Plan } from '../plan.ts';
import { decodedHost } from '../punycode.ts';
import type { Removed } from '../sanitise.ts';

const PER_RULE = 50;
const REMEDY = 'Ask its author why they were there: they can hide or turn around what you read.';

function nodeAt(plan: Plan, path: string): { node?: string } {
  const id = /^nodes\[(\d+)\]/.exec(path)?.[1];
  const node = id === undefined ? undefined : plan.nodes[Number(id)]?.id;
  return node === undefined ? {} : { node };
}

function around(text: string): string {
  const at = firstInvisible(text);
  return text.slice(Math.max(0, at - 40), at + 80);
}

function invisibleFindings(plan: Plan): Finding[] {
  const found: Finding[] = [];
  for (const { path, text } of invisibleIn(plan, '')) {
    const message = `The text at \`${showInvisible(path)}\` holds characters that cannot be seen.`;
    found.push(
      finding({ rule: 'INVISIBLE_CHARACTERS', severity: 'high', ...nodeAt(plan, path), message, evidence: around(text), remedy: REMEDY }),
    );
    if (found.length === PER_RULE) break;
  }
  return found;
}

function removedFindings(plan: Plan, removed: readonly Removed[]): Finding[] {
  return removed.map(({ path, shown }) =>
    finding({
      rule: 'HIDDEN_CHARACTERS',
      severity: 'high',
      ...nodeAt(plan, path),
      message: `Characters that cannot be seen were taken out of the text at \`${path}\`.`,
      evidence: shown,
      remedy: REMEDY,
    }),
  );
}

function* texts(value: unknown, path: string): Generator<{ path: string; text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* texts(item, `${path}[${index}]`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) yield* texts(item, path === '' ? key : `${path}.${key}`);
}

function mixedFindings(plan: Plan): Finding[] {
  const found: Finding[] = [];
  for (const { path, text } of texts(plan, '')) {
    const word = mixedName(text) ?? mixedWord(text);
    if (word === null) continue;
    // A file, a program or an address is another one by one letter.
    const severity: Severity = NAMES.test(path) ? 'high' : 'medium';
    found.push(
      finding({
        rule: 'LOOKALIKE_LETTERS',
        severity,
        ...nodeAt(plan, path),
        message: `A word at \`${path}\` mixes letters of two alphabets that look the same.`,
        evidence: `${word} (${escaped(word)})`,
        remedy: 'Write it in one alphabet, so that it is what it looks like.',
      }),
    );
    if (found.length === PER_RULE) break;
  }
  return found;
}

/** Fields that name things outside of the plan. */
const NAMES = /\.(?:argv\[\d+\]|path|url|write\[\d+\]|hosts\[\d+\]|cwd)$/;

const PLAIN = /^[\x20-\x7e]*$/;

/** Programs, hosts and tools are names of the outside: one letter of another alphabet is another program or host. */
function foreignFindings({ commands, hosts, tools, models }: Envelope): Finding[] {
  const names = [...commands.map(programOf), ...hosts, ...tools, ...models].filter((name) => !PLAIN.test(name));
  const encoded = hosts.flatMap((host) => {
    const shown = decodedHost(host);
    return shown === null ? [] : [{ host, shown }];
  });
  if (encoded.length > 0) {
    const evidence = encoded.map(({ host, shown }) => `\`${host}\` reads \`${shown}\` (${escaped(shown)})`).join(', ');
    const message = 'It names a host in an encoded form; a browser would show it with letters that may look like others.';
    return [
      ...foreignNames(names),
      finding({
        rule: 'FOREIGN_HOST',
        severity: 'high',
        message,
        evidence,
        remedy: 'Check each letter; it is not the host that it looks like.',
      }),
    ];
  }
  return foreignNames(names);
}

function foreignNames(names: string[]): Finding[] {
  if (names.length === 0) return [];
  return [
    finding({
      rule: 'FOREIGN_NAME',
      severity: 'high',
      message: 'It names a program, host, tool or model with letters that may look like others.',
      evidence: `${quoteAll(names)} (${names.map(escaped).slice(0, 3).join(', ')})`,
      remedy: 'Check each letter; write hosts in their ASCII form.',
    }),
  ];
}

function escaped(name: string): string {
  return Array.from(name, (char) =>
    PLAIN.test(char) ? char : `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  ).join('');
}

export function textFindings(plan: Plan, envelope: Envelope, removed: readonly Removed[]): Finding[] {
  return [...invisibleFindings(plan), ...removedFindings(plan, removed), ...mixedFindings(plan), ...foreignFindings(envelope)];
}
