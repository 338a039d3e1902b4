/** Programs that fetch what somebody has published, and run it before anybody can read it. Pure. */
import type { Act } from '../commands/acts.ts';

const ADDRESS = /^(?:[\w.-]+@)?(?:git\+|git:|https?:|ssh:|github:|gitlab:|bitbucket:|git@)/;
/** A name with a version: what is run is not what the project has. */
const VERSIONED = /^(?:@[\w.-]+\/)?[\w.-]+@[\w.^~*-]+$/;
const MODULE = /^[\w.-]+\.[a-z]+\/[^\s@]*@/;

type Called = Pick<Act, 'program' | 'called' | 'args' | 'before'>;
type Rule = { programs: RegExp; fetches: (verb: string, rest: string[]) => boolean };

const hasAddress = (words: readonly string[]): boolean => words.some((word) => ADDRESS.test(word));

/** By program: its first operand, and all of its words. */
const RULES: readonly Rule[] = [
  {
    programs: /^npm$/,
    fetches: (verb, words) => (/^(?:exec|x)$/.test(verb) ? isForced(words) : installs(verb, words) || creates(verb, words)),
  },
  { programs: /^(?:pnpm|yarn|bun)$/, fetches: (verb, words) => /^(?:dlx|x)$/.test(verb) || installs(verb, words) },
  { programs: /^pipx$/, fetches: (verb, words) => verb === 'run' || hasAddress(words) },
  {
    programs: /^uv$/,
    fetches: (verb, words) => (verb === 'tool' && words.includes('run')) || hasAddress(words) || words.includes('--with'),
  },
  {
    programs: /^(?:pip|pip3|poetry|pdm|pixi|conda|mamba|gem|composer)$/,
    fetches: (_verb, words) => hasAddress(words.filter((_word, at) => !INDEX.test(words[at - 1] ?? ''))),
  },
  { programs: /^go$/, fetches: (verb, words) => /^(?:run|install)$/.test(verb) && words.some((word) => MODULE.test(word)) },
  { programs: /^(?:deno|tsx|node)$/, fetches: (_verb, words) => words.some((word) => /^(?:https?|jsr|npm):/.test(word)) },
  { programs: /^cargo$/, fetches: (verb, words) => verb === 'install' && words.includes('--git') },
  { programs: /^nix(?:-shell)?$/, fetches: (verb, words) => /^(?:run|shell)$/.test(verb) && hasAddress(words) },
];
/** What stands behind these is where packages come from, not one of them. */
const INDEX = /^(?:-i|-f|--(?:extra-)?index-url|--find-links|--proxy|--trusted-host|--registry|--source)$/;

const isForced = (words: readonly string[]): boolean =>
  words.some((word) => /^(?:-y|--yes|-p|--package(?:=.*)?)$/.test(word) || VERSIONED.test(word) || ADDRESS.test(word));
const creates = (verb: string, words: readonly string[]): boolean =>
  /^(?:create|init|innit)$/.test(verb) && words.filter((word) => !word.startsWith('-')).length > 1;
const installs = (verb: string, words: readonly string[]): boolean => /^(?:i|install|add)$/.test(verb) && hasAddress(words);

export function fetchesPackage({ program, called, args, before }: Called): boolean {
  if (before.some((word) => /^(?:bunx|pnpx|uvx)$/.test(word))) return true;
  if (before.includes('npx') && isForced([...before.slice(before.indexOf('npx') + 1), called])) return true;
  const pip = /^python[\d.]*$/.test(program) && args[0] === '-m' && args[1] === 'pip';
  const name = pip ? 'pip' : program.replace(/[\d.]+$/, '');
  const words = pip ? args.slice(2) : args;
  const verb = words.find((word) => !word.startsWith('-')) ?? '';
  return RULES.some(({ programs, fetches }) => programs.test(name) && fetches(verb, words));
}
