/** What single words of a command say: files that hold secrets, places outside of the workspace, the inside of the repository. Pure. */
import type { Act } from '../commands/acts.ts';
import { looksSecret } from '../secret-names.ts';

/** What a path may stand behind in one word: `--output=`, `@`, `file=@`. */
const PREFIX = /^(?:-{1,2}[\w-]+=|[\w-]*=@?|@|-[A-Za-z](?=[./~]))/;
/** These print, sort or test by patterns and names that are no files: `jq .key`. */
const FIRST_IS_NO_FILE = /^(?:jq|yq|awk|gawk|sed|grep|egrep|rg|test|\[|echo|printf|touch|mkdir)$/;
const PLAIN_SECRET = /^id_(?:rsa|dsa|ecdsa|ed25519)$/;
const READERS = /^(?:cat|head|tail|less|more|tac|cp|mv|ln|tar|zip|base64|xxd|od|strings|curl|scp|rsync|source|\.|openssl|gpg|install)$/;
const ROOTS = /^\/(?:etc|home|root|var|opt|usr|srv|mnt|media|proc|sys|boot|run|lib|bin|sbin|dev|Users|private|Library)(?:\/|$)/;
const HARMLESS = /^\/dev\/(?:null|zero|stdin|stdout|stderr|tty|fd\/\d+|u?random)$|^\/usr\/(?:local\/)?bin\/[\w.-]+$|^\/bin\/[\w.-]+$/;

export const pathIn = (word: string): string => word.replace(PREFIX, '').replace(/^@/, '');
const partsOf = (word: string): string[] =>
  pathIn(word)
    .split(/[/\\:,]/)
    .filter((part) => part !== '');

function namesSecret(word: string, isReader: boolean): boolean {
  if (/\s/.test(word) || word.includes('://')) return false;
  const parts = partsOf(word);
  // A word like `secret` is a word; as a path, or given to a program that reads files, it is a file.
  return parts.some((part) => looksSecret(part) && (isReader || parts.length > 1 || part.slice(1).includes('.') || isDotFile(part)));
}
const isDotFile = (part: string): boolean => (part.startsWith('.') && part !== '.key' && part !== '.pem') || PLAIN_SECRET.test(part);

/** Strings in the program text of an interpreter. */
const QUOTED = /["'`]([^"'`\n]{1,200})["'`]/g;

export function secretFileOf({ program, args, reads, code }: Pick<Act, 'program' | 'args' | 'reads' | 'code'>): string | null {
  const words = FIRST_IS_NO_FILE.test(program) ? [...reads, ...operands(program, args)] : [...reads, ...args];
  const isReader = READERS.test(program);
  const inCode = [...code.matchAll(QUOTED)].map(([, text = '']) => text);
  const found = words.find((word) => !isExcluded(word) && namesSecret(word, isReader)) ?? inCode.find((word) => namesSecret(word, true));
  return found === undefined ? null : pathIn(found);
}

const isExcluded = (word: string): boolean => /^(?:--(?:exclude|ignore)|:!|:\(exclude\)|!)/.test(word);

function operands(program: string, args: string[]): string[] {
  if (/^(?:test|\[|echo|printf|touch|mkdir)$/.test(program)) return [];
  const files = args.filter((word) => !word.startsWith('-'));
  return args.some((word) => /^-[a-z]*[ef]$/.test(word)) ? files : files.slice(1);
}

/** A word that leaves the workspace, by its root or by more steps up than it goes down; null when there is none. */
export function outsideWord({ program, args, reads, writes }: Pick<Act, 'program' | 'args' | 'reads' | 'writes'>): string | null {
  const words = program === 'cd' ? args.filter((word) => !/^(?:\.\.\/?)+$/.test(word)) : args;
  return [...words, ...reads, ...writes].find((word) => isOutside(pathIn(word))) ?? null;
}

function isOutside(path: string): boolean {
  if (path.includes('://') || /\s/.test(path)) return false;
  if (path.startsWith('/')) return ROOTS.test(path) && !HARMLESS.test(path);
  if (/^~(?:\/|$)|^\$\{?HOME\}?(?:\/|$)/.test(path)) return true;
  let depth = 0;
  for (const part of path.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

const GIT_FOLDER = /(?:^|\/)\.git(?:\/|$)/i;
const GIT_STEERING = /(?:^|[/"'\s])\.git\/(?:hooks|config|info|modules|objects|refs|HEAD)/i;
const WRITERS = /^(?:cp|mv|ln|tee|install|touch|mkdir|chmod|chown|dd|sed|rsync|rm|unlink|truncate|tar|unzip|patch)$/;

/** What it writes inside of the repository's own folder; null when it does not. */
export function gitFolderWord({ program, args, writes, code }: Pick<Act, 'program' | 'args' | 'writes' | 'code'>): string | null {
  const target = writes.find((word) => GIT_FOLDER.test(word));
  if (target !== undefined) return target;
  if (WRITERS.test(program)) return args.find((word) => GIT_FOLDER.test(pathIn(word))) ?? null;
  return GIT_STEERING.exec(code)?.[0].trim() ?? null;
}

/** Names that say which program is run, or what it loads first. */
const STEERING_NAME =
  /^(?:LD_\w+|DYLD_\w+|PATH|NODE_OPTIONS|NODE_PATH|BASH_ENV|SHELLOPTS|PYTHONSTARTUP|PYTHONPATH|PYTHONHOME|PERL5?OPT|PERL5?LIB|RUBYOPT|RUBYLIB|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|GIT_\w+|\w*PAGER|EDITOR|VISUAL|BROWSER|SHELL|IFS|PS4|PROMPT_COMMAND|SSH_ASKPASS|RUSTC_WRAPPER|CARGO_BUILD_RUSTC\w*|npm_config_script_shell)$/i;
const HARMLESS_NAME = /^GIT_(?:AUTHOR_\w+|COMMITTER_\w+|TERMINAL_PROMPT|OPTIONAL_LOCKS|TRACE\w*|MERGE_AUTOEDIT|ADVICE|LITERAL_PATHSPECS)$/;

/** The variables that choose what is run, as `NAME=value`; null when there is none. */
export function steeringVariable(env: Record<string, string>): string | null {
  const found = Object.entries(env).filter(
    ([name, value]) =>
      STEERING_NAME.test(name) &&
      !HARMLESS_NAME.test(name) &&
      !(/PAGER$/i.test(name) && /^(?:cat|less|)$/.test(value)) &&
      value !== '/dev/null',
  );
  return found.length === 0 ? null : found.map(([name, value]) => `${name}=${value}`).join(', ');
}
