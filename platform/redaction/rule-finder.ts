/** Makes of a rule what looks for it behind one of its literals. */
import type { ContextRule, Rule, Run } from './rule.ts';
import type { Source } from './source.ts';
import { isTokenStart, runEnd, runStart, tokenEnd, type CharacterClass, type Span } from './span.ts';

/** Of a run that says nothing else, no more is looked at before the next one. */
const MOST_CHARS = 512;

type ReadRun = { table: CharacterClass; least: number; most: number };

const classes = new Map<string, CharacterClass>();

/** In: a class as an expression writes it between its brackets. */
function namedClass(characters: string): CharacterClass {
  const made = classes.get(characters);
  if (made !== undefined) return made;
  const isOne = new RegExp(`^[${characters}]$`);
  const table = Uint8Array.from({ length: 128 }, (_none, code) => (isOne.test(String.fromCharCode(code)) ? 1 : 0));
  classes.set(characters, table);
  return table;
}

const readRun = ({ of, least, most = MOST_CHARS }: Run): ReadRun => ({ table: namedClass(of), least, most });

export function finderOf(rule: Rule): ContextRule['find'] {
  const before = rule.before === undefined ? null : readRun(rule.before);
  const isName = rule.isName === true;
  const runs = rule.after.map(readRun);
  return (source, from, to) => {
    if (before === null && !isName && !isTokenStart(source, from)) return null;
    const end = endOfRuns(source, to, runs);
    if (end === -1) return null;
    const begin = before === null ? from : runStart(source, before.table, from, before.most);
    if (before !== null && from - begin < before.least) return null;
    return spanOf(source, isName ? to : begin, end, runs.at(-1));
  };
}

/** -1 when one of them is too short. */
function endOfRuns(source: Source, from: number, runs: readonly ReadRun[]): number {
  let at = from;
  for (let index = 0; index < runs.length; index += 1) {
    const run = runs[index];
    if (run === undefined) break;
    const end = runEnd(source, run.table, at, run.most);
    if (end - at < run.least) return -1;
    at = end;
  }
  return at;
}

/** Of a token that is longer than the rule knows, nothing must be left. */
function spanOf(source: Source, from: number, to: number, last: ReadRun | undefined): Span {
  const end = last === undefined ? to : runEnd(source, last.table, to, source.size);
  return { from, to: tokenEnd(source, end) };
}
