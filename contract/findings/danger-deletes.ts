/** Commands that take away whole folders, or all that matches. What a build makes, and what lies in its own `/tmp`, is no loss. Pure. */
import type { Act } from '../commands/acts.ts';
import { INPUT_WORD } from '../commands/options.ts';
import { deletesByCode } from './danger-code.ts';
import { gitCall, type GitCall } from './danger-git.ts';

const BUILD_FOLDERS =
  /^(?:\.\/)?(?:[\w.-]+\/)*(?:node_modules|dist|build|out|target|coverage|__pycache__|\.cache|\.next|\.turbo|tmp|\.pytest_cache|\.venv|venv)\/?$/;
const OUTSIDE = /^(?:\/|~|\.\.(?:\/|$)|\$\{?(?:HOME|TMPDIR)\b)/;
/** A word that may be many files: of a shell, of a search, or of an input. */
const OPEN = new RegExp(String.raw`[*{?${INPUT_WORD}]|^\$[@*]`);

const isKept = (word: string): boolean => !BUILD_FOLDERS.test(word) && !word.startsWith('/tmp/');
const operandsOf = (args: readonly string[]): string[] => args.filter((word) => !word.startsWith('-') || word.includes(INPUT_WORD));
const has = (args: readonly string[], option: RegExp): boolean => args.some((word) => option.test(word));
const isWide = (files: readonly string[]): boolean => files.length === 0 || (files.some((word) => OPEN.test(word)) && files.some(isKept));

type Call = Pick<Act, 'program' | 'args' | 'code' | 'writes'>;

/** By program: whether these words take many files away. */
const RULES: Readonly<Partial<Record<string, (args: string[]) => boolean>>> = {
  rm: (args) => (has(args, /^-[a-zA-Z]*[rR]|^--recursive$/) && operandsOf(args).some(isKept)) || isWide(operandsOf(args)),
  unlink: (args) => isWide(operandsOf(args)),
  shred: (args) => operandsOf(args).some(isKept) || operandsOf(args).length === 0,
  find: (args) => args.includes('-delete'),
  rsync: (args) => has(args, /^--del|^--remove-source-files$/),
  tar: (args) => has(args, /^--remove-files$/),
  zip: (args) => has(args, /^-[a-zA-Z]*m|^--move$/),
  mv: (args) => leavesWorkspace(operandsOf(args)),
  // Emptied is gone, of many files.
  truncate: (args) => isWide(operandsOf(args).filter((word) => !/^[+<>/%-]?\d+\w*$/.test(word))),
  cp: (args) => operandsOf(args)[0] === '/dev/null' && isWide(operandsOf(args).slice(1)),
  sed: (args) =>
    has(args, /^-[a-zA-Z]*i|^--in-place/) && args.some((word) => /^\d*,?\$?d$/.test(word)) && isWide(operandsOf(args).slice(1)),
};

/** A folder, or all that matches, put where the branch of the run does not reach. */
function leavesWorkspace(words: string[]): boolean {
  const target = words.at(-1) ?? '';
  return (
    OUTSIDE.test(target) &&
    words.slice(0, -1).some((word) => !OUTSIDE.test(word) && isKept(word) && (OPEN.test(word) || !/\w\.\w+$/.test(word)))
  );
}

function gitDeletes({ verb, args }: GitCall): boolean {
  const files = operandsOf(args);
  if (verb === 'clean') return !has(args, /^-[a-zA-Z]*n|^--dry-run$/);
  if (verb === 'rm') return has(args, /^-[a-zA-Z]*r/) || files.some((word) => word.includes('*'));
  if (verb === 'reset') return has(args, /^--(?:hard|merge)$/);
  if (/^(?:checkout|switch)$/.test(verb)) return has(args, /^--orphan$|^-[a-zA-Z]*f$|^--(?:force|discard-changes)$/) || files.some(isAll);
  return verb === 'restore' && files.some(isAll) && !(has(args, /^(?:-S|--staged)$/) && !has(args, /^(?:-W|--worktree)$/));
}
const isAll = (word: string): boolean => /^(?:\.\/?|:\/|\*|:\(top\).*)$/.test(word);

export function deletesWidely({ program, args, code, writes }: Call): boolean {
  if (deletesByCode(code)) return true;
  const git = gitCall({ program, args });
  if (git !== null) return gitDeletes(git);
  // `: > "$file"`, and the same without a program.
  if (/^(?:|:|true)$/.test(program)) return writes.some((word) => OPEN.test(word));
  return RULES[program]?.(args) ?? false;
}
