/** Commands that send what they can read. Pure. */
import type { Act } from '../commands/acts.ts';
import { gitCall, pushes } from './danger-git.ts';

const SENDERS = /^(?:scp|rsync|sftp|ftp|ssh|nc|ncat|netcat|socat|telnet|rclone|s3cmd|gsutil|twine|mail|sendmail)$/;
const CURL_SENDS = /^(?:-d.*|--data.*|-F.*|--form.*|-T.*|--upload-file.*|--json.*|--url-query.*|-[a-zA-Z]*[dFT])$/;
const CURL_CHANGES = /^(?:POST|PUT|PATCH|DELETE)$/;
/** An option or a verb that says it, of whatever program. */
const SAYS_SO = /^(?:--?)?(?:upload|publish|push|deploy|send|post|sync|exfil\w*)(?:$|[-=])/i;

export function sends(act: Pick<Act, 'program' | 'args'>): boolean {
  const { program, args } = act;
  const git = gitCall(act);
  if (git) return pushes(git);
  if (SENDERS.test(program)) return true;
  if (program === 'curl') return args.some((word, at) => CURL_SENDS.test(word) || (args[at - 1] === '-X' && CURL_CHANGES.test(word)));
  if (program === 'wget') return args.some((word) => /^--(?:post|body)-/.test(word) || word.startsWith('--method'));
  return args.some((word) => SAYS_SO.test(word));
}
