/** Commands that send what they can read. Pure. */
import type { Act } from '../commands/acts.ts';
import { sendsFilesByCode } from './danger-code.ts';
import { gitCall, pushes } from './danger-git.ts';

const SENDERS =
  /^(?:scp|sftp|ftp|lftp|ssh|nc|ncat|netcat|socat|telnet|rclone|s3cmd|gsutil|twine|mail|mailx|mutt|sendmail|swaks|msmtp|wormhole|croc)$/;
/** They reach a host by the words that they are given. */
const ASKERS = /^(?:curl|wget|https?|xh|aria2c|dig|nslookup|host|ping|gh|aws|gcloud|az|telegram-send)$/;
const CURL_LETTERS = /^-[a-zA-Z]*[dFTK]/;
/** A long option may be shortened as long as it is the only one that begins so. */
const CURL_LONG = ['data', 'data-', 'form', 'form-', 'upload-file', 'json', 'url-query', 'config'];
const WGET_LONG = ['post-', 'body-', 'method'];
const CHANGES = /^(?:POST|PUT|PATCH|DELETE)$/i;
/** An option or a verb that says it, of whatever program. */
const SAYS_SO = /^(?:--?)?(?:upload|publish|push|deploy|send|post|sync|exfil\w*)(?:$|[-=])/i;
/** To them it is what they fetch. */
const SYNCS_PACKAGES = /^(?:uv|pipenv|pdm|rye|hatch|go|repo)$/;
const COPIES = /^(?:cp|copy|mv|move|sync|put|put-object|upload|copyto)$/;
const GH_SENDS = /^(?:create|upload|comment|edit|merge|sync|fork)$/;
const REMOTE = /^(?!(?:https?|file):)[a-z][\w+.-]*:(?!\\)/i;
const SOCKET = /^\/dev\/(?:tcp|udp)\//;

const isLong = (word: string, options: readonly string[]): boolean => {
  const name = /^--([\w-]{2,})/.exec(word)?.[1];
  return name !== undefined && name !== 'url' && options.some((option) => option.startsWith(name) || name.startsWith(option));
};

function curlSends(args: readonly string[]): boolean {
  return args.some((word, at) => {
    const before = args[at - 1] ?? '';
    if (word.startsWith('--')) return isLong(word, CURL_LONG);
    if (word.startsWith('-')) return CURL_LETTERS.test(word) && !VALUED.test(word.slice(0, 50));
    // A head line from a file, or a method that changes something.
    return (/^(?:-\w*H|--hea\w*)$/.test(before) && word.startsWith('@')) || (/^(?:-\w*X|--req\w*)$/.test(before) && CHANGES.test(word));
  });
}
/** Of curl: letters whose value is in the same word, as in `-mT`. */
const VALUED = /^-[a-zA-Z]*?[oHAebmuwxXYyzEQCPrt][^\s]*[dFTK]/;

/** Reads a file, or what is piped into it, as what it sends. */
const isFed = ({ reads, from }: Act): boolean => reads.some((file) => file !== '/dev/null') || from.length > 0;

export function sends(act: Act): boolean {
  const { program, args, reads, writes, code } = act;
  const git = gitCall(act);
  if (git) return pushes(git);
  if (SENDERS.test(program) || sendsFilesByCode(code) || [...reads, ...writes].some((file) => SOCKET.test(file))) return true;
  if (program === 'rsync') return args.some((word) => /^[^-/.][^/]*:|\$/.test(word));
  if (act.carries && ASKERS.test(program)) return true;
  if (program === 'curl') return curlSends(args);
  if (program === 'wget') return args.some((word) => isLong(word, WGET_LONG));
  if (program === 'openssl') return args[0] === 's_client' && isFed(act);
  if (program === 'gh') return args.some((word) => GH_SENDS.test(word) || /^-[fFX]$|^--(?:field|raw-field|input|method)/.test(word));
  if (args.some((word) => COPIES.test(word)) && REMOTE.test(args.findLast((word) => !word.startsWith('-')) ?? '')) return true;
  return args.some((word) => SAYS_SO.test(word) && !(word === 'sync' && SYNCS_PACKAGES.test(program)));
}
