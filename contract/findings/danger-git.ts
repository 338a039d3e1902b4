/** What a git command does beyond reading. Pure. */
import type { Act } from '../commands/acts.ts';

/** Keys whose value is a program, an address, or a file of further keys. */
const STEERING_KEY =
  /^(?:core\.(?:fsmonitor|hookspath|pager|editor|sshcommand|askpass|gitproxy|attributesfile|worktree|alternaterefscommand)|alias\..+|filter\..+|credential(?:\..+)?|diff\.(?:external|.+\.(?:command|textconv))|merge\..+\.driver|(?:merge|diff)tool\..+|pager\..+|gpg\..*program|url\..+|include(?:if)?\..+|remote\..+|sequence\.editor|interactive\.difffilter|uploadpack\..+|receive\..+|protocol\..+|init\.templatedir|browser\..+|man\..+|submodule\..+|sendemail\..+|trailer\..+\.(?:command|cmd))$/i;
const PLAIN_PAGER = /^(?:cat|less|more|)$/;
const VALUE_OPTION = /^(?:-C|-c|--git-dir|--work-tree|--namespace|--exec-path|--config-env)$/;
const READS_ONLY = /^(?:--get(?:-.*)?|-l|--list|get|list|--show-origin)$/;

export type GitCall = { verb: string; args: string[]; settings: string[] };

/** Null when it is another program. */
export function gitCall({ program, args }: Pick<Act, 'program' | 'args'>): GitCall | null {
  if (program !== 'git') return null;
  const settings: string[] = [];
  let at = 0;
  while (args[at]?.startsWith('-') === true) {
    if (args[at] === '-c' || args[at] === '--config-env') settings.push(args[at + 1] ?? '');
    at += VALUE_OPTION.test(args[at] ?? '') ? 2 : 1;
  }
  return { verb: args[at] ?? '', args: args.slice(at + 1), settings };
}

export function pushes(git: GitCall): boolean {
  return git.verb === 'push' || git.verb === 'send-pack' || (git.verb === 'svn' && git.args[0] === 'dcommit');
}

/** The setting that lets git run something, or send somewhere else; null when there is none. */
export function steeringSetting({ verb, args, settings }: GitCall): string | null {
  const given = settings.find((setting) => steers(setting.slice(0, keyEnd(setting)), setting.slice(keyEnd(setting) + 1)));
  if (given !== undefined) return given;
  if (verb === 'remote' && /^(?:add|set-url)$/.test(args[0] ?? '')) return args.join(' ');
  if (verb !== 'config' || args.some((word) => READS_ONLY.test(word))) return null;
  const words = args.filter((word) => !word.startsWith('-') && word !== 'set');
  const [key = '', value] = words;
  return value !== undefined && steers(key, value) ? `${key} ${value}` : null;
}

const keyEnd = (setting: string): number => (setting.includes('=') ? setting.indexOf('=') : setting.length);

const steers = (key: string, value: string): boolean =>
  STEERING_KEY.test(key) && !(/pager(?:\..+)?$/i.test(key.split('.')[1] ?? key) && PLAIN_PAGER.test(value));
