/**
 * Where secrets stand in a text. One pass looks for literals; behind one, the rules that have it decide. No rule goes back or looks far
 * before it says no, so that time grows with the length of the text only, whatever the text is.
 */
import { CLOUD_RULES } from './cloud-rules.ts';
import { CONTEXT_RULES } from './context-rules.ts';
import { LiteralScanner } from './literal-scanner.ts';
import { finderOf } from './rule-finder.ts';
import type { ContextRule, Rule } from './rule.ts';
import { SERVICE_RULES } from './service-rules.ts';
import { sourceOf, type Source } from './source.ts';
import type { Span } from './span.ts';

export const RULES: readonly Rule[] = [...SERVICE_RULES, ...CLOUD_RULES];
export { CONTEXT_RULES };

/** `since`: where the text begins without which it would not be found. `rule` is null for a value that was made known. */
export type FoundSecret = Span & { since: number; rule: string | null };

const MIN_SECRET_LENGTH = 8;

/** In: where a literal begins and ends. Out: what to mask. */
type Finder = { rule: string | null; find: ContextRule['find']; isPart: boolean };

const scanner = new LiteralScanner<Finder>();
for (const rule of RULES) addRule(rule, { rule: rule.name, find: finderOf(rule), isPart: false });
for (const rule of CONTEXT_RULES) addRule(rule, { rule: rule.name, find: rule.find, isPart: rule.isPart === true });

function addRule({ literals }: Pick<Rule, 'literals'>, finder: Finder): void {
  for (const literal of literals) scanner.add(literal, finder);
}

const known = new Set<string>();

/** From now on `secret` is masked in this process. Short values are not secrets that could be told from words. */
export function addSecret(secret: string): void {
  if (secret.length < MIN_SECRET_LENGTH) return;
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  for (const form of forms) {
    if (known.has(form)) continue;
    known.add(form);
    scanner.add(form, {
      rule: null,
      find: ({ text }, from) => (text.startsWith(form, from) ? { from, to: from + form.length } : null),
      isPart: false,
    });
  }
}

/** Out: what is to be masked, from left to right, without overlaps. */
export function findSecrets(text: string): FoundSecret[] {
  return findSecretsIn(sourceOf(text));
}

export function findSecretsIn(source: Source): FoundSecret[] {
  const found: FoundSecret[] = [];
  let last: FoundSecret | undefined;
  scanner.scan(source, ({ rule, find, isPart }, from, to) => {
    const span = find(source, from, to);
    if (span === null || (last !== undefined && span.to < last.to)) return from;
    if (last === undefined || span.from >= last.to) {
      last = { from: span.from, to: span.to, since: Math.min(from, span.from), rule };
      found.push(last);
    } else {
      last.to = span.to;
      // The rule that knows the token says more than the one that knows its name.
      if (span.from === last.from && !isPart) last.rule = rule;
    }
    return isPart ? span.from : span.to;
  });
  return found;
}

const UNNAMED = '[redacted]';
const maskOfRule = new Map([...RULES, ...CONTEXT_RULES].map(({ name }) => [name, `[redacted:${name}]`]));
/** The masks of all rules. */
export const MASKS: readonly string[] = [...maskOfRule.values()];

const maskOf = (rule: string | null): string => (rule === null ? UNNAMED : (maskOfRule.get(rule) ?? UNNAMED));

/** In: a text, and what was found in it or in a longer one that begins with it. Line ends stay, so that lines keep their numbers. */
export function maskSecrets(text: string, found: readonly FoundSecret[]): string {
  if (found.length === 0) return text;
  let out = '';
  let at = 0;
  // Looked for once, and not behind each secret: a text may have none.
  let lineEnd = text.indexOf('\n');
  for (const { from, to, rule } of found) {
    if (from >= text.length) break;
    out += text.slice(at, from) + maskOf(rule);
    if (lineEnd !== -1 && lineEnd < from) lineEnd = text.indexOf('\n', from);
    for (; lineEnd !== -1 && lineEnd < to; lineEnd = text.indexOf('\n', lineEnd + 1)) out += '\n';
    at = to;
  }
  return out + text.slice(at);
}
