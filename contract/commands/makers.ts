/** Programs whose output is a text that nobody has read: it comes from a host, was encoded, or stands in a file. Pure. */
import type { Act } from './acts.ts';
import { baseName } from './names.ts';
import type { ShellCommand } from './shell-parse.ts';
import { unwrap } from './unwrap.ts';

const FETCHERS = /^(?:curl|wget|fetch|aria2c|axel|https?|xh|lftp|ftp|sftp|scp|nc|ncat|netcat|socat)$/;
const UNPACKERS = /^(?:tar|gtar|bsdtar|unzip|7z|7za|cpio|ar)$/;
const READERS =
  /^(?:cat|tac|head|tail|base64|base32|xxd|od|hexdump|strings|gzip|zcat|bzip2|xz|zstd|tar|zip|jq|yq|sed|awk|gawk|cut|tr|grep|rg|sort|paste|nl|rev|openssl|gpg|find|ls)$/;
const GIT_READERS = /^(?:log|show|diff|archive|cat-file|bundle|format-patch|grep|blame|ls-files)$/;
const ESCAPES = /\\(?:x[0-9a-f]|u[0-9a-f]|0?[0-7]{2})/i;
/** Addresses of the network in a word. */
const ADDRESS = /(?:https?|ftp|git|ssh):\/\/\S+/;

type Called = { program: string; args: string[]; reads: readonly string[] };

function calledBy(command: ShellCommand): Called {
  const [first = '', ...args] = unwrap(command.words).words;
  return { program: baseName(first), args, reads: command.reads };
}

function gitVerb({ program, args }: Called): string {
  return program === 'git' ? (args.find((word, at) => !word.startsWith('-') && !/^-[cC]$/.test(args[at - 1] ?? '')) ?? '') : '';
}

export function fetches(called: Called): boolean {
  if (FETCHERS.test(called.program) || gitVerb(called) === 'clone') return true;
  return (
    /^(?:aws|gsutil|gcloud|gh|rclone|mc)$/.test(called.program) &&
    called.args.some((word) => /^(?:cp|download|sync|clone|copy)$/.test(word))
  );
}

function decodes({ program, args }: Called): boolean {
  if (/^(?:gunzip|zcat|uudecode)$/.test(program)) return true;
  if (/^base(?:32|64)$/.test(program)) return args.some((word) => /^-[a-zA-Z]*[dD]|^--d/.test(word));
  if (/^(?:xxd|openssl|gpg)$/.test(program)) return args.some((word) => /^-[a-z]*(?:r|d)\w*$|^--decrypt/.test(word));
  return /^(?:printf|echo)$/.test(program) && args.some((word) => ESCAPES.test(word));
}

/** Whether the text that it puts out is one that nobody can read before. */
export function makesText(command: ShellCommand): boolean {
  const called = calledBy(command);
  return fetches(called) || decodes(called) || called.program === 'printf';
}

/** Whether it puts out what is in files. */
export function readsFiles(command: ShellCommand): boolean {
  const called = calledBy(command);
  return (
    READERS.test(called.program) ||
    GIT_READERS.test(gitVerb(called)) ||
    (called.reads.length > 0 && called.reads.every((file) => file !== '/dev/null'))
  );
}

/** A file, or a folder with all that is in it. `source`: what it is made of. */
export type Made = { path: string; isFolder: boolean; source: 'fetched' | 'file' };

const isUnread = (called: Called): boolean => fetches(called) || decodes(called);

/** What it writes that is no text of the plan. `known`: what was made before. */
export function madeBy(act: Act, known: readonly Made[]): Made[] {
  const { program, args, writes } = act;
  const operands = args.filter((word) => !word.startsWith('-'));
  if (gitVerb(act) === 'clone') return made([clonedTo(operands.slice(1))], true, 'fetched');
  if (UNPACKERS.test(program)) return sourceOf(act, known) === 'fetched' ? made(unpackedTo(args, operands), true, 'fetched') : [];
  const redirected = program === 'tee' ? [...writes, ...operands] : writes;
  const received = fetches(act) ? [...outputsOf(args), ...(/^(?:scp|sftp)$/.test(program) ? copiedTo(operands) : [])] : [];
  const copied = /^(?:cp|mv|install|ln|rsync)$/.test(program) ? copiedTo(operands) : [];
  if (redirected.length + received.length + copied.length === 0) return [];
  const source = sourceOf(act, known);
  const isRead = source === 'file' && isLiteral(act);
  return [...(isRead ? [] : made(redirected, false, source)), ...made(received, false, 'fetched'), ...made(copied, false, source)];
}

function made(paths: string[], isFolder: boolean, source: Made['source']): Made[] {
  return paths.filter((path) => path !== '' && !path.startsWith('/dev/')).map((path) => ({ path: plain(path), isFolder, source }));
}

function sourceOf(act: Act, known: readonly Made[]): Made['source'] {
  const isFetched = isUnread(act) || act.from.some((command) => isUnread(calledBy(command)));
  const fetched = known.filter(({ source }) => source === 'fetched');
  return isFetched || [...act.args, ...act.reads].some((word) => fetched.some((one) => covers(one, word))) ? 'fetched' : 'file';
}

/** Whether all that it puts out stands in the plan. */
function isLiteral({ program, args, nested, reads, from }: Act): boolean {
  const own = isLiteralWords({ program, args, reads }, nested);
  if (from.length === 0) return own;
  return program === 'tee' && from.every((command) => isLiteralWords(calledBy(command), command.nested));
}

const isLiteralWords = ({ program, args, reads }: Called, nested: readonly ShellCommand[]): boolean =>
  nested.length === 0 &&
  reads.length === 0 &&
  (/^(?::|true|tee)$/.test(program) ||
    (/^(?:echo|printf)$/.test(program) && !args.some((word) => /\$/.test(word))) ||
    (program === 'cat' && args.length === 0));

/** The folder that is named, else one that is called as the repository is. */
function clonedTo(operands: string[]): string {
  const [address = '', folder] = operands.slice(operands.findIndex((word) => word.includes('/') || word.includes(':')));
  return folder ?? (address.split(/[/:]/).at(-1) ?? '').replace(/\.git$/, '');
}

function outputsOf(args: string[]): string[] {
  const named = args.flatMap((word, at) => {
    const long = /^--out(?:put(?:-document|-dir)?)?(?:=(.*))?$/.exec(word) ?? /^-O(.+)$/.exec(word);
    if (long) return long[1] ?? args[at + 1] ?? '';
    return /^-[a-zA-Z]*[oOdP]$/.test(word) ? (args[at + 1] ?? '') : [];
  });
  const remote = args.flatMap((word) => (ADDRESS.test(word) ? (word.split(/[?#]/)[0]?.split('/').at(-1) ?? '') : []));
  return [...named.filter((word) => word !== '-' && !ADDRESS.test(word)), ...remote];
}

/** A copy into a folder keeps its name. */
function copiedTo(operands: string[]): string[] {
  if (operands.length < 2) return [];
  const target = operands.at(-1) ?? '';
  return [target, ...operands.slice(0, -1).map((source) => `${target.replace(/\/$/, '')}/${baseName(source.replace(/^.*:/, ''))}`)];
}

/** Where no folder is named it is one that is called as the archive is. */
function unpackedTo(args: string[], operands: string[]): string[] {
  const named = args.flatMap((word, at) =>
    /^-[dC]$|^--directory$/.test(word) ? (args[at + 1] ?? '') : (/^--directory=(.*)/.exec(word)?.[1] ?? []),
  );
  return named.length > 0
    ? named
    : operands.filter((word) => /\./.test(word)).map((word) => baseName(word).replace(/\.(?:tar\.\w+|t[gbx]z|tar|zip|7z|t[gbx]z2)$/, ''));
}

const PATH_CHARS = 4096;

/** A path without what changes nothing in it. */
export function plain(path: string): string {
  return path.length > PATH_CHARS ? path : path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
}

export function covers({ path, isFolder }: Pick<Made, 'path' | 'isFolder'>, word: string): boolean {
  const given = plain(word);
  return given === path || (isFolder && given.startsWith(`${path}/`));
}
