/** What the commands of one script come to together: files that it writes and then runs, and variables that hold what nobody has read. Pure. */
import type { Act } from './acts.ts';
import { covers, madeBy, makesText, readsFiles, type Made } from './makers.ts';
import { ANY_WORD } from './programs.ts';

type Holds = { kind: 'text' | 'file' } | { kind: 'many'; pattern: string };

/** Of many files that a script writes, the last ones. */
const MAX_MADE = 40;
const SUBSTITUTION = /\$\(|`/;
const VARIABLE = /\$\{?([A-Za-z_]\w*)/g;
const LOOP_VARIABLE = /^\$\{?([A-Za-z_]\w*)\}?$/;

/** In and out: commands in their order. */
export function traced(acts: readonly Act[]): Act[] {
  if (acts.length < 2) return acts.map((act) => ({ ...act, carries: act.nested.some(carriesOut) }));
  const variables = new Map<string, Holds>();
  let made: Made[] = [];
  let folder: Made | null = null;
  return acts.map((given) => {
    const act = unrolled(given, variables);
    const holds = (texts: readonly string[], kind: Holds['kind']): boolean =>
      texts.some((text) => [...text.matchAll(VARIABLE)].some(([, name = '']) => variables.get(name)?.kind === kind));
    const isInside = folder !== null && (act.called.startsWith('./') || ANY_WORD.has(act.program));
    const unseen =
      act.unseen || isInside || holds(act.runs, 'text') || runsMade(act, made) || (runsCode(act.code) && act.from.some(makesText));
    const carries = act.nested.some(carriesOut) || holds(act.args, 'file') || holds(act.args, 'text');
    for (const [name, value] of assignedBy(act)) variables.set(name, value);
    if (act.program === 'cd')
      folder = made.find((one) => one.isFolder && one.source === 'fetched' && covers(one, act.args[0] ?? '')) ?? null;
    made = [...made, ...madeBy(act, made)].slice(-MAX_MADE);
    return { ...act, unseen, carries };
  });
}

const carriesOut = (command: Act['nested'][number]): boolean => readsFiles(command) || makesText(command);

/** Names of files that it runs, by their names or by their content. */
export function filesRunBy({ runs, nested }: Act): string[] {
  const shown = runs.some((word) => SUBSTITUTION.test(word)) ? nested.flatMap(({ words, reads }) => [...words, ...reads]) : [];
  return [...runs, ...shown];
}

const runsMade = (act: Act, made: readonly Made[]): boolean => {
  const fetched = made.filter(({ source }) => source === 'fetched');
  return fetched.length > 0 && filesRunBy(act).some((word) => fetched.some((one) => covers(one, word)));
};

/** A text of an interpreter that runs others. */
const runsCode = (code: string): boolean => /\b(?:system|exec|eval|popen)\b|\|\s*getline|\|\s*["'](?:sh|bash)/.test(code);

/** Inside of a loop its variable stands for all that is gone through. */
function unrolled(act: Act, variables: ReadonlyMap<string, Holds>): Act {
  const word = (text: string): string => {
    const held = variables.get(LOOP_VARIABLE.exec(text)?.[1] ?? '');
    return held?.kind === 'many' ? held.pattern : text;
  };
  return { ...act, args: act.args.map(word), writes: act.writes.map(word) };
}

function assignedBy({ program, args, env, nested }: Act): [string, Holds][] {
  if (program === 'read') return args.filter((word) => /^[A-Za-z_]\w*$/.test(word)).map((name) => [name, { kind: 'many', pattern: '*' }]);
  if (program === 'for') {
    const [name = '', , ...items] = args;
    const open = items.find((item) => /[*?]|\$[@*(]|`/.test(item));
    return open === undefined ? [] : [[name, { kind: 'many', pattern: /\s/.test(open) || open.startsWith('$') ? '*' : open }]];
  }
  const kind = nested.some(makesText) ? 'text' : nested.some(readsFiles) ? 'file' : null;
  if (program !== '' || kind === null) return [];
  return Object.entries(env).flatMap(([name, value]): [string, Holds][] => (SUBSTITUTION.test(value) ? [[name, { kind }]] : []));
}
