import { hexToBytes } from '@noble/hashes/utils.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, MerkleTree } from './merkle.ts';

/** Leaves and roots that implementations of Certificate Transparency share. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function treeOf(leaves: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree;
}

describe('the Merkle tree', () => {
  it('has the roots that other implementations of RFC 9162 have', () => {
    const tree = new MerkleTree();
    const roots = [tree.root()];
    for (const leaf of LEAVES) {
      tree.append(hexToBytes(leaf));
      roots.push(tree.root());
    }
    expect(roots).toEqual(ROOTS);
  });

  it('goes on from its peaks as if it had never been put away, at any size', () => {
    const leaves = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 40 });
    fc.assert(
      fc.property(leaves, leaves, (first, second) => {
        const kept = treeOf(first);
        const again = MerkleTree.of(kept.size, kept.peaks);
        expect(again.root()).toBe(kept.root());
        for (const leaf of second) again.append(leaf);
        expect(again.root()).toBe(treeOf([...first, ...second]).root());
      }),
    );
  });

  it('takes no peaks that do not fit the size, and no node for a leaf', () => {
    expect(() => MerkleTree.of(3, [ROOTS[1] ?? ''])).toThrow(RangeError);
    expect(() => MerkleTree.of(-1, [])).toThrow(RangeError);
    const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)];
    const forged = new Uint8Array([...leafHash(first), ...leafHash(second)]);
    expect(treeOf([forged]).root()).not.toBe(treeOf([first, second]).root());
  });
});
