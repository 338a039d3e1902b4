/**
 * Which intent a message has: two readers that know nothing of each other, rules and a scorer, and what follows when they differ.
 * It asks back rather than guesses. Whatever it says, only a draft can come of it.
 */
import type { Intent } from '#contract/chat.ts';
import { allExamples } from './examples.ts';
import { isOfElsewhere, isOfHere, namesOurs, namesThingsOnly, negates } from './nearness.ts';
import { readByRules, type Understood } from './rules.ts';
import { train, type Example, type Score } from './scorer.ts';

export type { Understood } from './rules.ts';
export type Reader = (text: string) => Understood;

/** What changes the world; a denial must never be read as one of these. */
export const ORDERS: ReadonlySet<Intent> = new Set<Intent>(['approve', 'spawn', 'repair', 'cancel', 'scan']);
/** How sure the scorer must be: alone, alone about an order, alone about what is none of ours, and beside rules that say the same of it. */
const SURE = { other: 0.75, order: 0.9, outOfScope: 0.85, outOfScopeTwice: 0.55 };
/** No order is read where a denial is as likely as this: alone, and beside rules that say the same. */
const DENIAL = { alone: 0.1, twice: 0.25 };

const UNSURE = 0.5;

const shareOf = (score: Score, intent: Intent): number => score.find((one) => one.intent === intent)?.share ?? 0;

/** Below 1, which only a command has. */
function sureness(scores: Score, intent: Intent): number {
  return intent === 'unclear' ? UNSURE : Math.min(0.99, Math.round(shareOf(scores, intent) * 100) / 100);
}

/** Without the guard against denials. */
function verdict({ intent: ruled, message }: Understood, { intent, share }: Score[number]): Intent {
  const { words } = message;
  if (ruled === 'negated') return ruled;
  if (ruled === 'out_of_scope' && isOfElsewhere(words) && (share < SURE.other || intent === ruled)) return ruled;
  if (intent === 'out_of_scope') {
    const least = ruled === intent ? SURE.outOfScopeTwice : ruled === 'unclear' ? SURE.outOfScope : 1;
    return share >= least && !(ruled === intent ? words.some(isOfHere) : namesOurs(words)) ? intent : 'unclear';
  }
  if (intent === ruled) return intent;
  if (ORDERS.has(ruled)) return intent === 'negated' && share >= SURE.order ? intent : 'unclear';
  if (ruled !== 'unclear') return 'unclear';
  if (namesThingsOnly(words)) return 'unclear';
  if (ORDERS.has(intent)) return share >= SURE.order && !words.some(negates) ? intent : 'unclear';
  return share >= SURE.other ? intent : 'unclear';
}

export async function readerOf(examples: readonly Example[]): Promise<Reader> {
  const score = await train(examples);
  return (text) => {
    const byRules = readByRules(text);
    if (byRules.confidence === 1) return byRules;
    const scores = score(byRules.message);
    const [best] = scores;
    if (best === undefined) return byRules;
    const intent = verdict(byRules, best);
    const denial = intent === byRules.intent ? DENIAL.twice : DENIAL.alone;
    const isDoubtful = ORDERS.has(intent) && shareOf(scores, 'negated') >= denial;
    return { ...byRules, intent: isDoubtful ? 'unclear' : intent, confidence: sureness(scores, isDoubtful ? 'unclear' : intent) };
  };
}

let ours: Promise<Reader> | undefined;

/** The first call waits until the scorer has learnt, about a second. */
export async function understand(text: string): Promise<Understood> {
  ours ??= readerOf(allExamples());
  return (await ours)(text);
}
