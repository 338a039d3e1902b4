import { statfsSync } from 'node:fs';
import { GimoError } from '#contract/errors.ts';
import { AUDIT_STREAM, CANCEL_STREAM } from '#contract/gics.ts';
import type { StoreOp } from './store.ts';

/** Below this much free space only what frees space or stops work is written: the rest of the disk is kept for that. */
export const RESERVE_BYTES = 64 * 1024 * 1024;
const CHECK_EVERY_MS = 250;
const ESSENTIAL_STREAMS: readonly string[] = [AUDIT_STREAM, CANCEL_STREAM];

/** Free bytes for this user on the file system of `dir`. */
export function freeBytes(dir: string): number {
  const stat = statfsSync(dir);
  return stat.bavail * stat.bsize;
}

/** A transaction that stops a run, or that only deletes (and says so in the audit log). */
export function isEssential(ops: StoreOp[]): boolean {
  if (ops.some((step) => step.op === 'append' && step.stream === CANCEL_STREAM)) return true;
  return ops.every((step) => {
    if (step.op === 'append') return ESSENTIAL_STREAMS.includes(step.stream);
    if (step.op === 'put' || step.op === 'patch') return step.collection === 'cancels';
    return true;
  });
}

export class SpaceGuard {
  readonly #freeBytes: () => number;
  #checkedAt = 0;
  #isLow = false;

  constructor(freeBytes: () => number) {
    this.#freeBytes = freeBytes;
  }

  /** Throws: GICS_FULL when the reserve is reached. */
  require(): void {
    const now = Date.now();
    if (now - this.#checkedAt >= CHECK_EVERY_MS || now < this.#checkedAt) {
      this.#isLow = this.#freeBytes() < RESERVE_BYTES;
      this.#checkedAt = now;
    }
    if (this.#isLow) throw new GimoError('GICS_FULL');
  }
}
