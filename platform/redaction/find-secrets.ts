/**
 * Where secrets stand in a text. One pass looks for literals; behind one, the rules that have it decide. The expressions run on an
 * engine whose time grows with the length of the text only, whatever the text is.
 */
import { RE2JS } from 're2js';
import { CLOUD_RULES } from './cloud-rules.ts';
import { CONTEXT_RULES } from './context-rules.ts';
import { LiteralScanner } from './literal-scanner.ts';
import type { ContextRule, Rule } from './rule.ts';
import { SERVICE_RULES } from './service-rules.ts';
import { alnumBefore, isTokenStart, tokenEnd, tokenStart, type Span } from './span.ts';

export const RULES: readonly Rule[] = [...SERVICE_RULES, ...CLOUD_RULES];
export { CONTEXT_RULES };

/** `since`: where the text begins without which it would not be found. `rule` is null for a value that was made known. */
export type FoundSecret = Span & { since: number; rule: string | null };

const WINDOW_CHARS = 512;
/** A token may begin so far before a literal in its middle. */
const MIDDLE_CHARS = 120;
const MIN_SECRET_LENGTH = 8;
const LINE_END = 10;

/** In: where a literal begins and ends. Out: what to mask. */
type Finder = { rule: string | null; find: ContextRule['find']; isPart: boolean };

const scanner = new LiteralScanner<Finder>();
for (const rule of RULES) addRule(rule, { rule: rule.name, find: finderOf(rule), isPart: false });
for (const rule of CONTEXT_RULES) addRule(rule, { rule: rule.name, find: rule.find, isPart: rule.isPart === true });

function addRule({ literals }: Pick<Rule, 'literals'>, finder: Finder): void {
  for (const literal of literals) scanner.add(literal, finder);
}

function finderOf(rule: Rule): ContextRule['find'] {
  return rule.characters === undefined ? expressionFinder(rule) : prefixFinder(rule, rule.characters);
}

/** A literal and so many characters of a class: most rules say no more, and this is an order of magnitude cheaper than an expression. */
function prefixFinder({ least }: Rule, characters: string): ContextRule['find'] {
  const table = tableOf(characters);
  return (text, from, to) => {
    if (!isTokenStart(text, from)) return null;
    const limit = Math.min(text.length, from + WINDOW_CHARS);
    let end = to;
    while (end < limit && isIn(table, text.charCodeAt(end))) end += 1;
    return end - to < least ? null : { from, to: tokenEnd(text, end, text.length) };
  };
}

/** In: a class as an expression writes it between its brackets. */
function tableOf(characters: string): Uint8Array {
  const isOne = new RegExp(`^[${characters}]$`);
  return Uint8Array.from({ length: 128 }, (_none, code) => (isOne.test(String.fromCharCode(code)) ? 1 : 0));
}

const isIn = (table: Uint8Array, code: number): boolean => code < 128 && table[code] === 1;

function expressionFinder(rule: Rule): ContextRule['find'] {
  // Most are never needed in the life of a process, so each is compiled when it is.
  let compiled: RE2JS | null = null;
  const window = rule.window ?? WINDOW_CHARS;
  return (text, from, to) => {
    if (rule.least > 0 && tokenEnd(text, to, rule.least) < to + rule.least) return null;
    if (rule.behind === undefined ? !rule.isInside && !isTokenStart(text, from) : alnumBefore(text, from, rule.behind) < rule.behind)
      return null;
    const begin = rule.behind === undefined ? from : tokenStart(text, from, MIDDLE_CHARS);
    const expression = (compiled ??= RE2JS.compile(rule.pattern));
    const matcher = expression.matcher(text.slice(begin, begin + window));
    if (!(rule.behind === undefined ? matcher.lookingAt() : matcher.find())) return null;
    const group = expression.groupCount() > 0 ? 1 : 0;
    const end = begin + matcher.end(group);
    // Of a token that is longer than the rule knows, nothing must be left.
    return { from: begin + matcher.start(group), to: rule.isInside ? end : tokenEnd(text, end, text.length) };
  };
}

const known = new Set<string>();

/** From now on `secret` is masked in this process. Short values are not secrets that could be told from words. */
export function addSecret(secret: string): void {
  if (secret.length < MIN_SECRET_LENGTH) return;
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  for (const form of forms) {
    if (known.has(form)) continue;
    known.add(form);
    scanner.add(form, { rule: null, find: (_text, from, to) => ({ from, to }), isPart: false });
  }
}

/** Out: what is to be masked, from left to right, without overlaps. Time grows with the length of the text. */
export function findSecrets(text: string): FoundSecret[] {
  const found: FoundSecret[] = [];
  let covered = 0;
  scanner.scan(text, ({ rule, find, isPart }, from, literal) => {
    const span = find(text, from, from + literal.length);
    if (span === null || span.to < covered) return from;
    const last = found.at(-1);
    if (last === undefined || span.from >= last.to) found.push({ from: span.from, to: span.to, since: Math.min(from, span.from), rule });
    else {
      last.to = span.to;
      // The rule that knows the token says more than the one that knows its name.
      if (span.from === last.from && !isPart) last.rule = rule;
    }
    covered = span.to;
    return isPart ? span.from : span.to;
  });
  return found;
}

/** The masks of all rules. */
export const MASKS: readonly string[] = [...RULES, ...CONTEXT_RULES].map(({ name }) => maskOf(name));

/** In: a text, and what was found in it or in a longer one that begins with it. Line ends stay, so that lines keep their numbers. */
export function maskSecrets(text: string, found: readonly FoundSecret[]): string {
  if (found.length === 0) return text;
  let out = '';
  let at = 0;
  for (const { from, to, rule } of found) {
    if (from >= text.length) break;
    out += text.slice(at, from) + maskOf(rule) + lineEnds(text, from, to);
    at = to;
  }
  return out + text.slice(at);
}

function lineEnds(text: string, from: number, to: number): string {
  let ends = '';
  // Not `indexOf`: in a text without line ends it would look through all that comes after each secret.
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at) === LINE_END) ends += '\n';
  return ends;
}

function maskOf(rule: string | null): string {
  return rule === null ? '[redacted]' : `[redacted:${rule}]`;
}
