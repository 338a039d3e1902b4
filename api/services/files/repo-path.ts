/** Paths of the active repository as callers name them: what is no path, what is never shown. */
import { GimoError } from '#contract/errors.ts';
import { folded, looksSecret } from '#contract/secret-names.ts';
import { fault } from '../../plugins/problem.ts';

const MAX_PARTS = 64;
const MAX_PART_BYTES = 255;

/** In: a path of a query. Out: its parts; none for the root. Throws: BAD_REQUEST when it is no plain relative path. */
export function parsePath(text: string): string[] {
  if (text === '') return [];
  const wrong = whatIsWrong(text);
  if (wrong !== null) throw new GimoError('BAD_REQUEST', { message: `The path ${wrong}.`, faults: [fault('query.path', wrong)] });
  return text.split('/');
}

function whatIsWrong(text: string): string | null {
  if (!text.isWellFormed()) return 'is no valid text';
  // oxlint-disable-next-line no-control-regex -- exactly these are what no path may hold
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'holds control characters';
  if (text.includes('\\')) return 'holds a backslash; its parts are separated by /';
  if (text.startsWith('/') || /^[A-Za-z]:/.test(text)) return 'must be relative to the repository';
  const parts = text.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'has a part that is empty, `.` or `..`';
  if (parts.length > MAX_PARTS) return `has more than ${MAX_PARTS} parts`;
  if (parts.some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)) return `has a part of more than ${MAX_PART_BYTES} bytes`;
  return null;
}

function isGitInternal(part: string): boolean {
  const plain = folded(part).replace(/[. ]+$/, '');
  return plain === '.git' || plain.startsWith('.git:') || plain === 'git~1';
}

/** Why a path is never shown, whatever is there; null when its name is no reason. */
export function hiddenBecause(parts: readonly string[]): string | null {
  if (parts.some(isGitInternal)) return 'that is the inside of the repository';
  if (parts.some(looksSecret)) return 'its name says that it holds secrets';
  return null;
}

export function refused(path: string, why: string): GimoError {
  return new GimoError('PATH_REFUSED', { message: `${JSON.stringify(path)} is not shown: ${why}.` });
}
