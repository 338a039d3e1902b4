/** The audit log against itself and against its signed heads, entry by entry: trusts only the key ring. */
import { chainHash, leafOf, verifyAuditHead, type ChainEntry } from '#contract/audit-chain.ts';
import type { PublicKey } from '#contract/decision.ts';
import { CHAIN_GENESIS } from '#contract/gics.ts';
import { MerkleTree } from '#contract/merkle.ts';
import type { AuditHead } from '#contract/security.ts';

export type Check = { name: string; ok: boolean; count: number; bad: string | null };
/** A head and where it was found. */
export type NamedHead = { name: string; head: AuditHead };

export class LogWalk {
  readonly #ring: readonly PublicKey[];
  /** Those that are still to come, the next one first. */
  readonly #heads: NamedHead[];
  readonly #count: number;
  readonly #tree = new MerkleTree();
  #hash: string = CHAIN_GENESIS;
  #badEntry: string | null = null;
  #badHead: string | null = null;

  constructor(heads: readonly NamedHead[], ring: readonly PublicKey[]) {
    this.#ring = ring;
    this.#heads = heads.toSorted((a, b) => a.head.seq - b.head.seq);
    this.#count = heads.length;
    this.#compare();
  }

  get last(): { seq: number; hash: string; root: string } {
    return { seq: this.#tree.size, hash: this.#hash, root: this.#tree.root() };
  }

  get isBroken(): boolean {
    return this.#badEntry !== null;
  }

  /** In: the next entry. Behind one that does not follow nothing more is looked at. */
  push(entry: ChainEntry): void {
    if (this.#badEntry !== null) return;
    const expected = this.#tree.size + 1;
    if (entry.offset !== expected) this.#badEntry = `entry ${expected} is missing`;
    else if (entry.prev !== this.#hash || chainHash(entry) !== entry.hash)
      this.#badEntry = `entry ${entry.offset} does not follow from the entries before it`;
    else {
      this.#tree.append(leafOf(entry.hash));
      this.#hash = entry.hash;
      this.#compare();
    }
  }

  /** After the last entry. */
  checks(): Check[] {
    const [missing] = this.#heads;
    if (this.#badEntry === null && missing !== undefined) this.#badHead ??= this.#tooShort(missing);
    const bad = this.#badHead ?? (this.#badEntry === null ? null : 'the entries that they cover are not whole');
    return [
      { name: 'audit chain', ok: this.#badEntry === null, count: this.#tree.size, bad: this.#badEntry },
      { name: 'checkpoints', ok: bad === null || this.#count === 0, count: this.#count, bad: this.#count === 0 ? null : bad },
    ];
  }

  #compare(): void {
    for (let next = this.#heads[0]; next !== undefined && next.head.seq <= this.#tree.size; next = this.#heads[0]) {
      this.#heads.shift();
      this.#badHead ??= headFault(next, this.last, this.#ring);
    }
  }

  #tooShort({ name, head }: NamedHead): string {
    if (!verifyAuditHead(head, this.#ring)) return `${name}: ${BY_NO_KEY}`;
    return `${name}: it was made at ${head.at} over ${head.seq} entries, and here are ${this.#tree.size}: this log was cut off, or is older`;
  }
}

const BY_NO_KEY = 'its signature is by no key of the ring';

/** Why a head does not belong to a log that ends so, null when it does. */
export function headFault({ name, head }: NamedHead, last: LogWalk['last'], ring: readonly PublicKey[]): string | null {
  if (!verifyAuditHead(head, ring)) return `${name}: ${BY_NO_KEY}`;
  if (head.seq !== last.seq) return `${name}: it is that of entry ${head.seq}, not of the last one here`;
  if (head.hash === last.hash && head.root === last.root) return null;
  return `${name}: the first ${head.seq} entries are not those that it was made over, at ${head.at}`;
}
