/**
 * Which intent a message has: two readers that know nothing of each other, rules and a scorer, and what follows when they differ.
 * It asks back rather than guesses. Whatever it says, only a draft can come of it.
 */
import type { Intent } from '#contract/chat.ts';
import { allExamples } from './examples.ts';
import { isOfElsewhere, isOfHere, namesElsewhere, namesOurs, namesThingsOnly, negates } from './nearness.ts';
import { readByRules, type Understood } from './rules.ts';
import { train, type Example, type Score } from './scorer.ts';

export type { Understood } from './rules.ts';
export type Reader = (text: string) => Understood;

/** What changes the world; a denial must never be read as one of these. */
export const ORDERS: ReadonlySet<Intent> = new Set<Intent>(['approve', 'spawn', 'repair', 'cancel', 'scan']);
/** How sure the scorer must be of a meaning that rules do not see. */
const SURE = { order: 0.95, outOfScope: 0.93, other: 0.9 };
/** How sure of `out_of_scope` beside rules that say so too: because nothing is of here, and because something is of elsewhere. */
const OUT_OF_SCOPE_TWICE = { foreign: 0.5, elsewhere: 0.02 };
/** No order is read where a denial is as likely as this. */
const DENIAL = 0.15;
const UNSURE = 0.5;

const shareOf = (score: Score, intent: Intent): number => score.find((one) => one.intent === intent)?.share ?? 0;

/** Below 1, which only a command has. */
function sureness(scores: Score, intent: Intent): number {
  return intent === 'unclear' ? UNSURE : Math.min(0.99, Math.round(shareOf(scores, intent) * 100) / 100);
}

/** Without the guard against denials. */
function verdict({ intent: ruled, message: { words } }: Understood, scores: Score): Intent {
  const [best] = scores;
  if (best === undefined || ruled === 'negated') return ruled;
  const { intent, share } = best;
  if (ruled === 'out_of_scope') return isOutOfScopeTwice(words, shareOf(scores, ruled)) ? ruled : 'unclear';
  if (intent === ruled) return intent;
  if (ORDERS.has(ruled)) return intent === 'negated' && share >= SURE.order ? intent : 'unclear';
  return ruled === 'unclear' && isSure(words, best) ? intent : 'unclear';
}

function isOutOfScopeTwice(words: string[], share: number): boolean {
  return share >= (isOfElsewhere(words) ? OUT_OF_SCOPE_TWICE.elsewhere : OUT_OF_SCOPE_TWICE.foreign) && !words.some(isOfHere);
}

/** Whether the scorer alone is enough. */
function isSure(words: string[], { intent, share }: Score[number]): boolean {
  if (intent === 'out_of_scope') return share >= SURE.outOfScope && (namesElsewhere(words) || !namesOurs(words));
  if (namesThingsOnly(words)) return false;
  return ORDERS.has(intent) ? share >= SURE.order && !words.some(negates) : share >= SURE.other;
}

export async function readerOf(examples: readonly Example[]): Promise<Reader> {
  const score = await train(examples);
  return (text) => {
    const byRules = readByRules(text);
    if (byRules.confidence === 1) return byRules;
    const scores = score(byRules.message);
    const intent = verdict(byRules, scores);
    const isDoubtful = ORDERS.has(intent) && shareOf(scores, 'negated') >= DENIAL;
    return { ...byRules, intent: isDoubtful ? 'unclear' : intent, confidence: sureness(scores, isDoubtful ? 'unclear' : intent) };
  };
}

let ours: Promise<Reader> | undefined;

/** The first call waits until the scorer has learnt, a second or two. */
export async function understand(text: string): Promise<Understood> {
  ours ??= readerOf(allExamples());
  return (await ours)(text);
}
