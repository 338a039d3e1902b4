/** Paths that try to leave a folder, to name what is no file, or to confuse whoever reads them. */
import { randomOf } from './random.ts';

const UP = [
  '..',
  '.',
  '...',
  '....',
  '..;',
  '.. ',
  ' ..',
  '..\t',
  '.%2e',
  '%2e%2e',
  '%252e%252e',
  '%c0%ae%c0%ae',
  '\u2024\u2024',
  '\uff0e\uff0e',
  '․․',
  '。。',
  '..\u200b',
  '\u202e..',
  '.\u0301.',
  '..%00',
  '..\u0000',
  '..%0a',
] as const;
const SLASH = [
  '/',
  '//',
  '///',
  '\\',
  '/./',
  '%2f',
  '%252f',
  '%5c',
  '\u2215',
  '\u2044',
  '\uff0f',
  '/\u0000/',
  '/%00/',
  '/ /',
  ';/',
] as const;
const TARGETS = [
  'etc/passwd',
  'outside/marker.txt',
  'etc/shadow',
  'proc/self/environ',
  'proc/self/fd/3',
  'proc/self/cwd/README.md',
  'dev/null',
  'dev/stdin',
  'dev/tty',
  'dev/zero',
  'root/.ssh/id_rsa',
  'windows/win.ini',
  '.git/config',
  '.git/HEAD',
  '.git',
  '.orch_data/keys/tokens.json',
  '.env',
  'README.md',
  'src/index.js',
  '',
] as const;
const STARTS = [
  '',
  '/',
  '//',
  '\\\\',
  '\\\\?\\',
  '\\\\.\\',
  'C:',
  'C:\\',
  'c:/',
  'file://',
  'file:///',
  '~',
  '~root/',
  '$HOME/',
  '${HOME}/',
  '%HOME%\\',
  'src/',
  'src/deep/',
  'away/',
  'alias.txt/',
  'README.md/',
  'nothing/',
  'loop/',
  './',
  ' ',
] as const;
const DEVICES = ['CON', 'PRN', 'AUX', 'NUL', 'COM1', 'LPT1', 'CONIN$', 'nul.txt', 'con.', 'aux .txt', 'CLOCK$'] as const;
const GIT = [
  '.git',
  '.GIT',
  '.Git',
  '.git.',
  '.git ',
  '.git. .',
  '.git::$INDEX_ALLOCATION',
  '.git:x',
  'git~1',
  'GIT~1',
  '.g\u200cit',
  '.gi\u200dt',
  '\ufeff.git',
  '.git\u202e',
  '.\u0261it',
] as const;
const ODD = [
  '\u0000',
  '\u0001',
  '\n',
  '\r\n',
  '\t',
  '\u007f',
  '\ud800',
  '\udfff',
  '\ufffe',
  '\u202e',
  '\u2028',
  'é',
  'e\u0301',
  '💥',
  '*',
  '?',
  '[a]',
  '{a,b}',
  '$(id)',
  '`id`',
  ';id',
  '|id',
  '&id',
  '-rf',
  '--help',
  ':(glob)**',
  ':!x',
  ':/',
  '"',
  "'",
  '<x>',
  '%',
  '%s%n',
  '#',
  '?x=1',
] as const;

/** In: how many of the drawn ones. Out: systematic ones first, then drawn mixtures. */
export function makePaths(drawn: number, seed = 1): string[] {
  const paths: string[] = [];
  for (const up of UP) for (const slash of SLASH) for (const depth of [1, 3, 12]) paths.push(`${`${up}${slash}`.repeat(depth)}etc/passwd`);
  for (const start of STARTS) for (const target of TARGETS) paths.push(start + target);
  for (const device of DEVICES) paths.push(device, `src/${device}`, `${device}/x`, device.toLowerCase());
  for (const git of GIT) for (const rest of ['', '/', '/config', '/../config', '/objects']) paths.push(git + rest, `src/${git}${rest}`);
  for (const odd of ODD) paths.push(odd, `src/${odd}`, `${odd}/index.js`, `src/index.js${odd}`, `${odd}src/index.js`);
  for (const length of [254, 255, 256, 1000, 4095, 4096, 4097, 70_000])
    paths.push('a'.repeat(length), 'a/'.repeat(length / 2), '../'.repeat(length / 3), 'é'.repeat(length));
  const random = randomOf(seed);
  const pieces = [...UP, ...SLASH, ...TARGETS, ...STARTS, ...GIT, ...ODD, 'src', 'deep', 'index.js', 'away', 'alias.txt'] as unknown as [
    string,
    ...string[],
  ];
  for (let count = 0; count < drawn; count += 1)
    paths.push(Array.from({ length: 1 + random.below(6) }, () => random.pick(pieces)).join(random.pick(['', '/', '\\'])));
  return paths;
}
