/** The hash chain of the audit streams: pure functions, so that anybody can recompute a chain without the daemon. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import { domainBytes } from './canonical.ts';
import type { PublicKey } from './decision.ts';
import type { Json } from './json.ts';

export type ChainLink = { stream: string; offset: number; at: number; data: Json; prev: string };
export type ChainEntry = ChainLink & { hash: string };

type Head = { stream: string; seq: number; hash: string; root: string; at: string };

/** The bytes that the signature of a head covers. */
export function auditHeadBytes({ stream, seq, hash, root, at }: Head): Uint8Array {
  return domainBytes('gimo.audit-head.v2', { stream, seq, hash, root, at });
}

/** Whether a head was signed by a key of the ring; false for anything that is no signature. */
export function verifyAuditHead(head: Head & { kid: string; signature: string }, ring: readonly PublicKey[]): boolean {
  const key = ring.find(({ kid }) => kid === head.kid);
  if (key === undefined || !/^[0-9a-f]{128}$/.test(head.signature)) return false;
  // As RFC 8032 has it: of one head there is one signature, so that no other bytes pass for it.
  return ed25519.verify(hexToBytes(head.signature), auditHeadBytes(head), hexToBytes(key.public_key), { zip215: false });
}

/** The leaf of an entry in the Merkle tree of its log: its hash in the chain, which covers all of it. */
export function leafOf(hash: string): Uint8Array {
  return hexToBytes(hash);
}

/** An entry on one line, as it is exported: canonical, with the control characters escaped that JSON lets through and terminals obey. */
export function exportLine(value: ChainEntry | { head: object }): string {
  const text = canonicalize(value) ?? '';
  return text.replaceAll(/[\u007f-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

/** SHA-256 (hex) of the canonical JSON (RFC 8785) of {stream, offset, at, data, prev}; other fields of `entry` do not count. */
export function chainHash(entry: ChainLink): string {
  const { stream, offset, at, data, prev } = entry;
  const text = canonicalize({ stream, offset, at, data, prev }) ?? '';
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/**
 * Recompute a chain. In: consecutive entries of one stream, oldest first; `startPrev` is the hash before the first of them
 * (CHAIN_GENESIS for a whole stream). Out: `first_bad` is the offset of the first entry that does not follow, null when all do.
 */
export function verifyChain(entries: Iterable<ChainEntry>, startPrev: string): { ok: boolean; first_bad: number | null } {
  let prev = startPrev;
  let last: number | null = null;
  for (const entry of entries) {
    const follows = last === null || entry.offset === last + 1;
    if (!follows || entry.prev !== prev || chainHash(entry) !== entry.hash) return { ok: false, first_bad: entry.offset };
    prev = entry.hash;
    last = entry.offset;
  }
  return { ok: true, first_bad: null };
}
