/** A scope that is wider than any task needs: stars where names belong, and large budgets. Pure. */
import type { Envelope } from '../envelope.ts';
import { finding, quoteAll } from './finding.ts';
import type { Finding, Severity } from '../objects.ts';
import { isDynamic } from '../pattern.ts';
import { durationText, usdText } from '../amounts.ts';

const MUCH_USD = 50;
const TOO_MUCH_USD = 1000;
const LONG_MS = 24 * 3_600_000;
const MANY_TOKENS = 10_000_000;

const WIDE = [
  ['secrets', 'WIDE_SECRETS', 'secrets', isDynamic],
  ['tools', 'WIDE_TOOLS', 'tools', isDynamic],
  // A model that is only known at run time is one of a provider that is.
  ['models', 'WIDE_MODELS', 'models', (pattern: string) => isDynamic(pattern.split('/')[0] ?? pattern)],
] as const;

export function scopeFindings(envelope: Envelope): Finding[] {
  const wide = WIDE.flatMap(([part, rule, what, isWide]) => {
    const words = envelope[part].filter((pattern) => isWide(pattern));
    if (words.length === 0) return [];
    return finding({
      rule,
      severity: 'high',
      message: `Its envelope grants ${what} that are not known in full, also ones that do not exist yet.`,
      evidence: quoteAll(words),
      remedy: `Name the ${what} in \`envelope.${part}\`.`,
    });
  });
  return [...wide, ...budgetFindings(envelope.budget)];
}

function budgetFindings({ usd, tokens, wall_ms: wallMs }: Envelope['budget']): Finding[] {
  const found: Finding[] = [];
  const add = (rule: string, severity: Severity, message: string, evidence: string): void =>
    void found.push(
      finding({ rule, severity, message, evidence, remedy: 'State a smaller `envelope.budget`; a run that needs more asks.' }),
    );
  if (usd >= MUCH_USD)
    add('LARGE_BUDGET', usd >= TOO_MUCH_USD ? 'high' : 'medium', `It may spend up to ${usdText(usd)}.`, `\`envelope.budget.usd: ${usd}\``);
  if (tokens >= MANY_TOKENS)
    add('MANY_TOKENS', 'medium', `It may use up to ${tokens.toLocaleString('en')} tokens.`, `\`envelope.budget.tokens: ${tokens}\``);
  if (wallMs >= LONG_MS)
    add('LONG_TIME', 'medium', `It may go on for up to ${durationText(wallMs)}.`, `\`envelope.budget.wall_ms: ${wallMs}\``);
  return found;
}
