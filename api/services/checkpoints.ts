/**
 * The audit log as a Merkle tree that grows with it, and its signed heads as files: one for each thousand entries and the newest, in the
 * data directory and, if one is named, in a second place. A head is only signed when the log continues from the head before it.
 */
import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { auditHeadBytes, leafOf, verifyAuditHead, verifyChain } from '#contract/audit-chain.ts';
import type { PublicKey } from '#contract/decision.ts';
import { errorMessage, GimoError } from '#contract/errors.ts';
import { AUDIT_STREAM, CHAIN_GENESIS, GICS_LIMITS, type Gics } from '#contract/gics.ts';
import { MerkleTree } from '#contract/merkle.ts';
import { CheckpointSchema, type AuditHead, type Checkpoint } from '#contract/security.ts';
import { checkpointName, CHECKPOINT_FILE } from '#platform/checkpoint-files.ts';
import { writeFileAtomic } from '#platform/files.ts';
import type { Deps } from '../deps.ts';
import { within } from './refusals.ts';

/** A head after so many entries stays; between them only the newest does. */
const KEPT_EVERY = 1000;
const EVERY_MS = 10_000;
const CLOSE_MS = 1000;

type Given = Pick<Deps, 'config' | 'log' | 'signingKey'> & { gics: Pick<Gics, 'read' | 'info'> };

export class Checkpoints {
  readonly #deps: Given;
  readonly #dirs: string[];
  #tree: MerkleTree | null = null;
  #hash: string = CHAIN_GENESIS;
  /** Entries under the newest head that was written. */
  #written = 0;
  #state: { ok: boolean; detail: string } = { ok: true, detail: 'no checkpoint yet' };
  #turn: Promise<unknown> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(deps: Given) {
    this.#deps = deps;
    const { paths, checkpointDir } = deps.config;
    this.#dirs = [paths.checkpoints, ...(checkpointDir === null ? [] : [checkpointDir])];
    this.#timer = setInterval(() => this.#writeSoon(), EVERY_MS).unref();
    this.#writeSoon();
  }

  /** For /ready: whether the last checkpoint could be written, and why not. */
  get state(): { ok: boolean; detail: string } {
    return this.#state;
  }

  /** The end of the log as it is now, signed. Throws: AUDIT_FORKED, GICS_UNAVAILABLE. */
  head(): Promise<AuditHead> {
    return this.#alone(async () => {
      await this.#grow(null);
      return this.#sign();
    });
  }

  /** Writes what is missing of the heads up to now. Throws: AUDIT_FORKED, GICS_UNAVAILABLE, what the file system throws. */
  write(): Promise<void> {
    return this.#alone(async () => {
      try {
        await this.#grow((checkpoint) => this.#save(checkpoint));
        if ((this.#tree?.size ?? 0) > this.#written) this.#save(this.#checkpoint());
        this.#state = {
          ok: true,
          detail: `${this.#written} audit ${this.#written === 1 ? 'entry is' : 'entries are'} under a signed checkpoint`,
        };
      } catch (error) {
        if (this.#state.ok) this.#deps.log.error({ err: error }, 'the audit log has no new checkpoint');
        this.#state = { ok: false, detail: `no new checkpoint: ${errorMessage(error)}` };
        throw error;
      }
    });
  }

  /** The last head, and the end. Waits: ≤ 1 s, since the store may be gone already. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await within(
      this.write().catch(() => undefined),
      CLOSE_MS,
    );
  }

  /** A failure is in the log and in `state`. */
  #writeSoon(): void {
    void this.write().catch(() => undefined);
  }

  /** One at a time: the tree grows in order. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Takes in the entries that are new. `onKept` gets each head that stays. */
  async #grow(onKept: ((checkpoint: Checkpoint) => void) | null): Promise<void> {
    const { gics } = this.#deps;
    const tree = (this.#tree ??= this.#resume());
    const { last } = await gics.info(AUDIT_STREAM);
    await this.#requireSame(tree.size, last);
    while (tree.size < last) {
      const batch = await gics.read(AUDIT_STREAM, { from: tree.size + 1, limit: GICS_LIMITS.streamReadLimit });
      if (batch.length === 0) break;
      for (const entry of batch) {
        const link = { ...entry, stream: AUDIT_STREAM, prev: entry.prev ?? '', hash: entry.hash ?? '' };
        if (entry.offset !== tree.size + 1 || !verifyChain([link], this.#hash).ok) throw forked(entry.offset);
        tree.append(leafOf(link.hash));
        this.#hash = link.hash;
        if (onKept !== null && tree.size % KEPT_EVERY === 0 && tree.size > this.#written) onKept(this.#checkpoint());
      }
    }
  }

  /** Whether the entry that the tree ends with is still what it was. */
  async #requireSame(size: number, last: number): Promise<void> {
    if (size === 0) return;
    const [entry] = last < size ? [] : await this.#deps.gics.read(AUDIT_STREAM, { from: size, limit: 1 });
    if (entry?.hash !== this.#hash) throw forked(size);
  }

  /** The newest head of ours in any of the places, or the beginning. */
  #resume(): MerkleTree {
    const ring = publicKeys(this.#deps.signingKey());
    const own = this.#dirs.flatMap(readCheckpoints).filter((checkpoint) => isSound(checkpoint, ring));
    const newest = own.reduce<Checkpoint | null>((best, one) => (best === null || one.head.seq > best.head.seq ? one : best), null);
    if (newest === null) return new MerkleTree();
    this.#hash = newest.head.hash;
    this.#written = newest.head.seq;
    return MerkleTree.of(newest.head.seq, newest.peaks);
  }

  #checkpoint(): Checkpoint {
    return { head: this.#sign(), peaks: this.#tree?.peaks ?? [] };
  }

  #sign(): AuditHead {
    const tree = this.#tree ?? new MerkleTree();
    const head = { stream: AUDIT_STREAM, seq: tree.size, hash: this.#hash, root: tree.root(), at: new Date().toISOString() };
    const { kid, privateKey } = this.#deps.signingKey();
    return { ...head, kid, signature: sign(null, auditHeadBytes(head), privateKey).toString('hex') };
  }

  /** In every place; one that cannot be written does not keep the others from theirs. Throws what the first failure was. */
  #save(checkpoint: Checkpoint): void {
    const { seq } = checkpoint.head;
    const failures = this.#dirs.flatMap((dir) => {
      try {
        // Only the last folder: where a disk is not mounted, nothing must be written beside it.
        if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
        writeFileAtomic(path.join(dir, checkpointName(seq)), `${JSON.stringify(checkpoint)}\n`);
        dropOlder(dir, seq);
        return [];
      } catch (error) {
        return [error];
      }
    });
    if (failures.length > 0) throw failures[0];
    this.#written = seq;
  }
}

const forked = (offset: number): GimoError =>
  new GimoError('AUDIT_FORKED', { message: `The audit log is not what it was at entry ${offset}, so it is not signed.` });

function publicKeys({ earlier, ...current }: ReturnType<Deps['signingKey']>): PublicKey[] {
  const hex = (key: KeyObject): string => Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  return [current, ...earlier].map(({ kid, privateKey }) => ({ kid, public_key: hex(privateKey) }));
}

function isSound({ head, peaks }: Checkpoint, ring: PublicKey[]): boolean {
  try {
    return verifyAuditHead(head, ring) && MerkleTree.of(head.seq, peaks).root() === head.root;
  } catch {
    return false; // peaks of another size
  }
}

/** What is no checkpoint is `gimo verify`'s to name; here it is nothing to go on from. */
function readCheckpoints(dir: string): Checkpoint[] {
  return names(dir).flatMap((name) => {
    try {
      return [CheckpointSchema.parse(JSON.parse(readFileSync(path.join(dir, name), 'utf8')))];
    } catch {
      return [];
    }
  });
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => CHECKPOINT_FILE.test(name));
  } catch {
    return []; // there is none yet
  }
}

/** A newer head says all that one between two kept ones said. A place that lets nothing be taken away keeps them all. */
function dropOlder(dir: string, seq: number): void {
  for (const name of names(dir)) {
    const size = Number(CHECKPOINT_FILE.exec(name)?.[1]);
    if (size >= seq || size % KEPT_EVERY === 0) continue;
    try {
      rmSync(path.join(dir, name), { force: true });
    } catch {
      return;
    }
  }
}
