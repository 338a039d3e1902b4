/**
 * Which intent a message has. A cascade: commands with a slash, then what asks for help or about something, then cues of both words
 * and things, then negation. It abstains rather than guesses. Whatever it says, only a draft can come of it.
 */
import { INTENTS, type Intent } from '#contract/chat.ts';
import {
  ADVISES_AGAINST,
  ALONE,
  APPROVAL_FILLERS,
  ASKS_ABOUT,
  ASKS_STATE,
  ASKS_WHICH,
  CUES,
  DECISIONS,
  DENIED,
  HELP,
  HOW_TO,
  NAMES_ES,
  TAKEN_BACK,
} from './lexicon.ts';
import { isNumber, isOfElsewhere, isOurs, mended, namesOurs, negates, patternOf } from './nearness.ts';
import { plain, readMessage, type Message } from './words.ts';

export type Understood = { intent: Intent; confidence: number; message: Message };
type Acting = keyof typeof CUES;

const COMMAND = /^\s*(?:\/([a-z_]+)\b|[¿¡]*([a-z]+)[\s.!?]*$)/;
const NAMED = INTENTS.filter((intent) => !['negated', 'unclear', 'out_of_scope'].includes(intent));
/** What names its thing too says more than a word alone. */
const ALONE_FIT = 0.97;
const NEXT_FIT = 0.98;
/** Between what is done and what it is done to stand a few words at most. */
const REACH = 7;
/** A negation governs what follows it closely. */
const NEGATION_REACH = 5;
/** What changes the world; the others may be asked with a negation in them. */
const CHANGING: ReadonlySet<string> = new Set<Intent>(['spawn', 'scan', 'repair', 'approve', 'cancel']);
/** Of equal fit, the more cautious reading comes first. */
const ORDER: Acting[] = ['cancel', 'approve', 'repair', 'route', 'scan', 'spawn', 'status'];

const PATTERNS = ORDER.map((intent) => ({
  intent,
  cues: CUES[intent].map(({ verbs, objects }) => ({ isVerb: patternOf(verbs), isObject: patternOf(objects) })),
  isAlone: patternOf(ALONE[intent] ?? ''),
}));

function belongsToApproval(word: string): boolean {
  const { cues = [], isAlone } = PATTERNS.find(({ intent }) => intent === 'approve') ?? {};
  return (
    isNumber(word) || isFiller(word) || isAlone?.(word) === true || cues.some(({ isVerb, isObject }) => isVerb(word) || isObject(word))
  );
}

const isFiller = patternOf(APPROVAL_FILLERS);

/** `at`: where the verb stands; `fit`: above 0 and below 1, which only a command has; the closer the two the better. */
type Hit = { intent: Acting; at: number; fit: number };

function hitsOf(words: string[]): Hit[] {
  return PATTERNS.flatMap(({ intent, cues, isAlone }) => {
    const alone = words.findIndex(isAlone);
    const hits: Hit[] = alone === -1 ? [] : [{ intent, at: alone, fit: ALONE_FIT }];
    for (const { isVerb, isObject } of cues)
      for (const [at, word] of words.entries()) {
        // "do not scan" does nothing.
        if (!isVerb(word) || words[at + 1] === 'not') continue;
        const gap = words.findIndex((other, index) => index !== at && isObject(other) && Math.abs(index - at) <= REACH);
        // An order begins with its verb, or close to it.
        if (gap !== -1) hits.push({ intent, at, fit: NEXT_FIT - Math.min(at, 10) / 20 - (Math.abs(gap - at) - 1) / 40 });
      }
    return hits;
  });
}

function bestOf(hits: Hit[]): Hit | null {
  const ranked = hits.toSorted((a, b) => b.fit - a.fit || ORDER.indexOf(a.intent) - ORDER.indexOf(b.intent));
  return ranked[0] ?? null;
}

function isNegated(words: string[], text: string, { intent, at }: Hit): boolean {
  if (TAKEN_BACK.test(text) || ADVISES_AGAINST.test(text)) return true;
  const negations = words.flatMap((word, index) => (negates(word) && !isOwnVerb(word, index, intent, at) ? [index] : []));
  if (intent === 'approve') return negations.length > 0;
  const firsts = intent === 'cancel' && CALLS_OUT.test(text) ? (text.startsWith('oh') ? 2 : 1) : 0;
  return negations.some((index) => index >= firsts && index < at && at - index <= NEGATION_REACH);
}

function readingOf(words: string[], text: string, hit: Hit): Intent {
  if (!CHANGING.has(hit.intent)) return hit.intent;
  if (isNegated(words, text, hit)) return 'negated';
  // An approval is only one when nothing in it can be read otherwise.
  return hit.intent === 'approve' && !words.every(belongsToApproval) ? 'unclear' : hit.intent;
}

/** "No, stop it" is no denial of the stop. */
const CALLS_OUT = /^(?:no|nope|oh no)\s*[,.;:!]+\s*(?=\S)/;

/** `stop` denies an approval and is the order of a cancel. */
function isOwnVerb(word: string, index: number, intent: Acting, at: number): boolean {
  return intent === 'cancel' && index === at && word === 'stop';
}

const isDecision = patternOf(DECISIONS);

/** A decision that is named with a negation is none, whatever it is about. */
function deniesDecision(words: string[]): boolean {
  return words.some(isDecision) && words.some(negates);
}

const isDenied = patternOf(DENIED);

/** What follows a negation closely is not to be done, also where it is not known to what. */
function denies(words: string[]): boolean {
  return words.some((word, at) => negates(word) && words.slice(at + 1, at + 1 + NEGATION_REACH).some(isDenied));
}

/** What a message orders that is nothing but a command: with a slash, or the one word that it is called by. */
function byName(text: string): Intent | null {
  const [, slash = '', name = ''] = COMMAND.exec(plain(text)) ?? [];
  if (name === '') return slash === '' ? null : (NAMED.find((intent) => intent === slash) ?? null);
  return NAMED.find((intent) => intent === name) ?? NAMES_ES.get(name) ?? null;
}

export function readByRules(text: string): Understood {
  const message = readMessage(text);
  const answer = (intent: Intent, confidence: number): Understood => ({ intent, confidence, message });
  const named = byName(text);
  if (named !== null) return answer(named, 1);
  const spoken = plain(text).replaceAll(/[¿¡]/g, '').trim();
  const words = message.words.map((word) => (negates(word) ? word : mended(word)));
  if (isOfElsewhere(words)) return answer(deniesDecision(words) ? 'negated' : 'out_of_scope', 0.9);
  if (HELP.test(spoken) || HELP.test(words.join(' '))) return isOurs(words) ? answer('help', 0.9) : answer('unclear', 0.5);
  const hits = hitsOf(words);
  const asksAbout = ASKS_ABOUT.test(spoken);
  // What is asked about is not what is asked for: "how do I cancel a run" is no order, and no question for the state either.
  if (asksAbout && (HOW_TO.test(spoken) ? namesOurs(words) : hits.some(({ intent }) => CHANGING.has(intent)))) return answer('help', 0.8);
  const hit = bestOf(hits);
  if (hit?.intent === 'status' && !message.isQuestion && !ASKS_WHICH.test(spoken) && deniesDecision(words)) return answer('negated', 0.6);
  if (hit !== null) return answer(readingOf(words, spoken, hit), hit.fit);
  if (deniesDecision(words) || denies(words)) return answer('negated', 0.6);
  if (ASKS_STATE.test(spoken)) return answer('status', 0.6);
  return isOurs(words) ? answer('unclear', 0.5) : answer('out_of_scope', 0.9);
}
