/** What a fenced process sees of the file system, as a list of steps: the longer path decides, whatever the order of the lists. */
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import type { ResolvedFenceSpec, SystemPaths } from './fence.ts';

export type MountStep =
  /** Show a file or folder of the host. */
  | { op: 'read' | 'write'; path: string }
  /** An empty private folder. */
  | { op: 'empty'; path: string; sizeBytes: number }
  /** An empty file in the place of a file. */
  | { op: 'mask'; path: string }
  | { op: 'folder' | 'proc' | 'dev'; path: string }
  | { op: 'link'; path: string; target: string }
  /** From here on nothing can be written directly in this folder. */
  | { op: 'seal'; path: string };

export const FENCE_HOME = '/tmp/home';
const DEFAULT_TMP_BYTES = 1024 ** 3;

/** Whether `inner` is `outer` or lies below it. */
export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`);
}

function checkPath(candidate: string): void {
  const isPlain = path.posix.isAbsolute(candidate) && path.posix.normalize(candidate) === candidate && !candidate.includes('\0');
  if (!isPlain || candidate === '/' || candidate.endsWith('/')) {
    throw new GimoError('BAD_REQUEST', {
      message: `The path ${JSON.stringify(candidate)} cannot be part of a fence: give an absolute, plain one.`,
    });
  }
  for (const own of ['/proc', '/dev', '/sys']) {
    if (isWithin(candidate, own)) {
      throw new GimoError('OUTSIDE_ENVELOPE', {
        message: `${candidate} belongs to the operating system and is never shown inside a fence.`,
      });
    }
  }
}

const depth = (step: MountStep): number => step.path.split('/').length;

/** In: real paths. Out: the steps in the order in which they must be done. Throws: BAD_REQUEST, OUTSIDE_ENVELOPE. */
export function mountPlan(system: SystemPaths, spec: ResolvedFenceSpec): MountStep[] {
  const sizeBytes = spec.memoryBytes ?? DEFAULT_TMP_BYTES;
  const steps = new Map<string, MountStep>();
  const put = (step: MountStep): void => void steps.set(step.path, step);
  for (const own of [...spec.readPaths, ...spec.writePaths, ...spec.coverDirs, ...spec.coverFiles]) checkPath(own);
  for (const { path, target } of system.links) put({ op: 'link', path, target });
  for (const path of system.readPaths) put({ op: 'read', path });
  put({ op: 'proc', path: '/proc' });
  put({ op: 'dev', path: '/dev' });
  put({ op: 'empty', path: '/tmp', sizeBytes });
  put({ op: 'folder', path: FENCE_HOME });
  for (const path of spec.readPaths) put({ op: 'read', path });
  for (const path of spec.writePaths) put({ op: 'write', path });
  const shown = [...system.readPaths, ...spec.readPaths, ...spec.writePaths];
  // What no shown folder contains is invisible without a cover.
  const needed = (cover: string): boolean => shown.some((path) => isWithin(cover, path));
  const covers = [...system.coverDirs, ...spec.coverDirs].filter(needed);
  for (const path of covers) put({ op: 'empty', path, sizeBytes: 1024 ** 2 });
  for (const path of [...system.coverFiles, ...spec.coverFiles].filter(needed)) put({ op: 'mask', path });
  const ordered = [...steps.values()].sort((a, b) => depth(a) - depth(b));
  return [...ordered, ...covers.map((path): MountStep => ({ op: 'seal', path })), { op: 'seal', path: '/' }];
}
