/**
 * Words that were mistyped, and what a message is about when no order was found in it. A message that names things of ours is not out
 * of scope: it is unclear, and whoever wrote it is asked what they want.
 */
import { ELSEWHERE } from './elsewhere.ts';
import { ALONE, CUES, EVERYDAY, FUNCTION_WORDS, HELP_WORDS, NEGATION, NEGATIONS, TOPICS } from './lexicon.ts';

const LEAST_CHARS = 5;
/** A wrong letter makes another word more easily than one that is missing, doubled or swapped. */
const LEAST_CHARS_WRONG_LETTER = 6;

type Pattern = (word: string) => boolean;

/** In: words with spaces between; `*` stands for any ending. */
export function patternOf(list: string): Pattern {
  const all = list.split(' ');
  const exact = new Set(all.filter((word) => !word.endsWith('*')));
  const stems = all.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1));
  return (word) => exact.has(word) || stems.some((stem) => word.startsWith(stem));
}

const WORDS = [
  ...Object.values(CUES).flatMap((cues) => cues.flatMap(({ verbs, objects }) => [verbs, objects])),
  ...Object.values(ALONE),
  TOPICS.sure,
  HELP_WORDS,
].flatMap((list) => list.split(' '));
const isKnown = patternOf(WORDS.join(' '));
const KNOWN = [...new Set(WORDS)].filter((word) => word.replace('*', '').length >= LEAST_CHARS);
const isEveryday = patternOf(EVERYDAY);
const isElsewhere = patternOf(ELSEWHERE);
const EXACT = KNOWN.filter((word) => !word.endsWith('*'));
const STEMS = KNOWN.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1));

/**
 * Whether one is the other with one letter missing, added or swapped with its neighbour, or wrong in a longer word. Another letter at
 * the end is no error but another form: `termina` orders, `terminó` tells.
 */
function isNear(word: string, known: string): boolean {
  if (word[0] !== known[0] || Math.abs(word.length - known.length) > 1) return false;
  let same = 0;
  while (same < word.length && word[same] === known[same]) same++;
  const [rest, wanted] = [word.slice(same), known.slice(same)];
  if (rest.slice(1) === wanted || rest === wanted.slice(1)) return true;
  if (rest.slice(2) === wanted.slice(2) && rest[0] === wanted[1] && rest[1] === wanted[0]) return true;
  return (
    rest.length > 1 &&
    rest.slice(1) === wanted.slice(1) &&
    word.length >= LEAST_CHARS_WRONG_LETTER &&
    known.length >= LEAST_CHARS_WRONG_LETTER
  );
}

/** How a word sounds in Spanish, where many letters sound alike; doubled letters count once. */
function soundOf(word: string): string {
  return word
    .replaceAll('ll', 'y')
    .replaceAll(/(.)\1/g, '$1')
    .replaceAll('qu', 'k')
    .replaceAll(/[cz](?=[ei])|z/g, 's')
    .replaceAll(/c(?!h)/g, 'k')
    .replaceAll('v', 'b')
    .replaceAll(/g(?=[ei])/g, 'j')
    .replaceAll(/(?<!c)h/g, '');
}

const SOUNDS = new Map(EXACT.map((word) => [soundOf(word), word]));
const STEM_SOUNDS = STEMS.map((stem) => [soundOf(stem), stem] as const);

function soundsLike(word: string): string | undefined {
  const sound = soundOf(word);
  return SOUNDS.get(sound) ?? STEM_SOUNDS.find(([stem]) => sound.startsWith(stem))?.[1];
}

/** What only lacks the end of a stem is another form of the word. */
function beginsNear(word: string, stem: string): boolean {
  const starts = [-1, 0, 1].map((more) => word.slice(0, stem.length + more)).filter((start) => !stem.startsWith(start));
  return starts.some((start) => isNear(start, stem));
}

/** The word that was probably meant; itself when it is known, short or an everyday word. */
export function mended(word: string): string {
  if (word.length < LEAST_CHARS - 1 || isKnown(word) || isEveryday(word) || isElsewhere(word)) return word;
  const sound = soundsLike(word);
  if (sound !== undefined) return sound;
  const stem = STEMS.find((known) => beginsNear(word, known));
  return EXACT.find((known) => isNear(word, known)) ?? stem ?? word;
}

const LONG_NEGATIONS = NEGATIONS.filter((negation) => negation.length >= LEAST_CHARS);

/** Also when it is mistyped: taking an order for its denial does no harm. */
export function negates(word: string): boolean {
  if (NEGATION.test(word)) return true;
  if (word.length < LEAST_CHARS - 1 || isKnown(word) || isEveryday(word)) return false;
  return LONG_NEGATIONS.some((negation) => isNear(word, negation));
}

export const isOfHere = patternOf(TOPICS.sure);
const isMaybe = patternOf(TOPICS.maybe);

const isFunctionWord = patternOf(FUNCTION_WORDS);
const cues = Object.values(CUES).flat();
const isVerb = patternOf(cues.map(({ verbs }) => verbs).join(' '));
const isObject = patternOf(cues.map(({ objects }) => objects).join(' '));

export const isNumber = (word: string): boolean => /^\d+$/.test(word);

/** Whether the words speak of everyday things, and of nothing that only belongs here; also when there are none. */
export function isOfElsewhere(words: readonly string[]): boolean {
  return (namesElsewhere(words) || words.every(isNumber)) && !words.some(isOfHere);
}

/** Whether a word is one of everyday life. */
export const namesElsewhere = (words: readonly string[]): boolean => words.some(isElsewhere);

/** Of what nothing is known, so many words are taken for something that is none of ours. */
const FOREIGN_WORDS = 3;

/** Whether a word speaks of what is done here, or may. */
export function namesOurs(words: readonly string[]): boolean {
  return words.some((word) => !isFunctionWord(word) && (isOfHere(word) || isMaybe(word) || isVerb(word) || isObject(word)));
}

/** Things of ours, and nothing that could be done to them. */
export function namesThingsOnly(words: readonly string[]): boolean {
  return words.every((word) => isFunctionWord(word) || (isObject(word) && !isVerb(word)));
}

/** Whether they may speak of what is done here: a word of ours, or too few others to say otherwise. */
export function isOurs(words: readonly string[]): boolean {
  return namesOurs(words) || words.filter((word) => !isFunctionWord(word)).length < FOREIGN_WORDS;
}
