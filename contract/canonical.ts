/** RFC 8785 canonical JSON and the hashes made of it. Every hash has a domain, so that one object can never pass for another kind. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';

/** Throws TypeError on what JSON cannot hold (undefined at the top, NaN, functions). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

export function sha256Hex(data: string | Uint8Array): string {
  return bytesToHex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data));
}

/** Prefixes of what is hashed or signed: type and version. */
export type HashDomain =
  | 'gimo.approval.v1'
  | 'gimo.packet.v1'
  | 'gimo.gate.v1'
  | 'gimo.decision.v1'
  | 'gimo.command.v1'
  | 'gimo.delegate.v1'
  | 'gimo.child.v1'
  | 'gimo.effect.v1'
  | 'gimo.delivery.v1'
  | 'gimo.start.v1'
  | 'gimo.inputs.v1'
  | 'gimo.grant.v1'
  | 'gimo.flow.v1'
  | 'gimo.tool.v1'
  | 'gimo.plan.v1'
  | 'gimo.request.v1'
  | 'gimo.mcp-tool.v1'
  | 'gimo.audit-head.v2';

export function domainBytes(domain: HashDomain, value: unknown): Uint8Array {
  return utf8ToBytes(`${domain}\n${canonicalJson(value)}`);
}

export function hashOf(domain: HashDomain, value: unknown): string {
  return sha256Hex(domainBytes(domain, value));
}
