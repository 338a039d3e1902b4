/**
 * The Merkle tree of RFC 9162 (Certificate Transparency 2.0), section 2.1: leaves and nodes are hashed apart, so that none can
 * pass for the other. Only the roots of the whole subtrees are kept, so a tree of any size fits into a record.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF, data));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right));
}

export class MerkleTree {
  #size = 0;
  /** Roots of whole subtrees, the largest first: one for each bit of the size. */
  #peaks: Uint8Array[] = [];

  /** Goes on from a tree whose peaks were kept. Throws: RangeError when they cannot be those of a tree of this size. */
  static of(size: number, peaks: readonly string[]): MerkleTree {
    const isFit = Number.isSafeInteger(size) && size >= 0 && size.toString(2).replaceAll('0', '').length === peaks.length;
    if (!isFit) throw new RangeError(`a tree of ${size} leaves does not have ${peaks.length} peaks`);
    const tree = new MerkleTree();
    tree.#size = size;
    tree.#peaks = peaks.map(hexToBytes);
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  get peaks(): string[] {
    return this.#peaks.map(bytesToHex);
  }

  append(data: Uint8Array): void {
    let hash = leafHash(data);
    // Each lowest bit that is set is a subtree as large as the new one: both become one of twice the size.
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.#peaks.pop();
      if (left !== undefined) hash = nodeHash(left, hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
  }

  /** Hex. That of a tree without leaves is the hash of nothing. */
  root(): string {
    const last = this.#peaks.at(-1);
    if (last === undefined) return bytesToHex(sha256(new Uint8Array()));
    return bytesToHex(this.#peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last));
  }
}
