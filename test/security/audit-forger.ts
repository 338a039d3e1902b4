/**
 * Somebody who may write the audit log but not sign: makes exports, and manipulates them at random. What is changed, how the head is made
 * to fit, and how the text is written are drawn apart.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { auditHeadBytes, chainHash, exportLine, leafOf, type ChainEntry } from '#contract/audit-chain.ts';
import type { PublicKey } from '#contract/decision.ts';
import { CHAIN_GENESIS } from '#contract/gics.ts';
import type { Json } from '#contract/json.ts';
import { MerkleTree } from '#contract/merkle.ts';
import type { AuditHead } from '#contract/security.ts';
import type { Random } from './random.ts';

export type Signer = { kid: string; privateKey: KeyObject; publicKey: PublicKey };
export type Log = { entries: ChainEntry[]; head: AuditHead };

export function makeSigner(kid: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const public_key = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  return { kid, privateKey, publicKey: { kid, public_key } };
}

/** Entries that follow from each other, whatever is in them. */
export function chained(items: readonly { at: number; data: Json }[]): ChainEntry[] {
  let prev: string = CHAIN_GENESIS;
  return items.map(({ at, data }, index) => {
    const link = { stream: 'audit', offset: index + 1, at, data, prev };
    prev = chainHash(link);
    return { ...link, hash: prev };
  });
}

export function makeEntries(count: number, random: Random): ChainEntry[] {
  const items = Array.from({ length: count }, (_, index) => ({
    at: 1_700_000_000_000 + index * 1000,
    data: {
      actor: `operator:${random.text('0123456789abcdef', 12)}`,
      action: random.pick(['drafts_create', 'drafts_approve', 'runs_create', 'runs_cancel', 'gates_approve']),
      object: `d_${random.text('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26)}`,
      outcome: random.pick(['done', 'refused']),
      detail: { n: index, text: random.text('abc "\\äü\u009b\n', 8) },
    },
  }));
  return chained(items);
}

export function signHead(entries: readonly ChainEntry[], signer: Signer, at = '2026-01-01T00:00:00.000Z'): AuditHead {
  const tree = new MerkleTree();
  for (const { hash } of entries) tree.append(leafOf(hash));
  const head = { stream: 'audit', seq: entries.length, hash: entries.at(-1)?.hash ?? CHAIN_GENESIS, root: tree.root(), at };
  return { ...head, kid: signer.kid, signature: sign(null, auditHeadBytes(head), signer.privateKey).toString('hex') };
}

export function exportOf({ entries, head }: Log): string {
  return [...entries, { head }].map((value) => `${exportLine(value)}\n`).join('');
}

type Edit = (entries: ChainEntry[], random: Random) => ChainEntry[];

/** Two places in a list, the first before the second. */
function twoOf(length: number, random: Random): [number, number] {
  const first = random.below(length - 1);
  return [first, first + 1 + random.below(length - first - 1)];
}

const EDITS: Record<string, Edit> = {
  nothing: (entries) => entries,
  cutTail: (entries, random) => entries.slice(0, random.below(entries.length)),
  cutBeginning: (entries, random) => entries.slice(1 + random.below(entries.length - 1)),
  cutMiddle: (entries, random) => {
    const [from, to] = twoOf(entries.length, random);
    return entries.toSpliced(from, to - from);
  },
  swap: (entries, random) => {
    const [first, second] = twoOf(entries.length, random);
    return entries.map((entry, index) => entries[index === first ? second : index === second ? first : index] ?? entry);
  },
  repeat: (entries, random) => {
    const [from, to] = twoOf(entries.length, random);
    return entries.toSpliced(to, 0, ...entries.slice(from, from + 1));
  },
  insert: (entries, random) => {
    const model = entries[random.below(entries.length)];
    const forged = { ...(model ?? entries[0]), data: { actor: 'admin:000000000000', action: random.text('abcdef', 6) } } as ChainEntry;
    return entries.toSpliced(random.below(entries.length + 1), 0, forged);
  },
  rewrite: (entries, random) => {
    const at = random.below(entries.length);
    return entries.map((entry, index) =>
      index === at ? { ...entry, data: { ...(entry.data as object), actor: random.text('ab', 9) } } : entry,
    );
  },
  redate: (entries, random) => {
    const at = random.below(entries.length);
    return entries.map((entry, index) => (index === at ? { ...entry, at: entry.at + 1 + random.below(9) } : entry));
  },
};

const flip = (text: string, random: Random): string => {
  const at = random.below(text.length);
  return text.slice(0, at) + random.text('0123456789abcdefXYZ{}":,\n ', 1) + text.slice(at + 1);
};

/** The same log, it seems, in other bytes; or bytes that are damaged. */
const TEXTS: Record<string, (text: string, random: Random) => string> = {
  asItIs: (text) => text,
  flipped: flip,
  cut: (text, random) => text.slice(0, random.below(text.length)),
  blankLine: (text, random) => {
    const lines = text.split('\n');
    return lines.toSpliced(random.below(lines.length), 0, '').join('\n');
  },
  carriageReturn: (text) => text.replace('\n', '\r\n'),
  space: (text, random) => {
    const commas = [...text.matchAll(/,"/g)];
    const at = commas[random.below(commas.length)]?.index ?? 0;
    return `${text.slice(0, at)} ${text.slice(at)}`;
  },
  duplicateKey: (text, random) => {
    const lines = text.split('\n');
    const at = random.below(lines.length - 1);
    return lines.with(at, (lines[at] ?? '').replace('{', '{"data":{"actor":"shown first"},')).join('\n');
  },
  moreFields: (text, random) => {
    const lines = text.split('\n');
    const at = random.below(lines.length - 1);
    return lines.with(at, (lines[at] ?? '').replace('{', `{"key":"${random.text('abc', 5)}",`)).join('\n');
  },
};

type Given = { log: Log; earlier: readonly AuditHead[]; own: Signer; stranger: Signer; other: Signer };

/** What is put in the place of the head. */
const HEADS: Record<string, (entries: ChainEntry[], given: Given, random: Random) => AuditHead> = {
  kept: (_, { log }) => log.head,
  fitted: (entries, { log, own }) => ({ ...signHead(entries, own), at: log.head.at, signature: log.head.signature }),
  ofAStranger: (entries, { log, stranger }) => signHead(entries, stranger, log.head.at),
  ofAStrangerInOurName: (entries, { log, stranger }) => ({ ...signHead(entries, stranger, log.head.at), kid: log.head.kid }),
  inAnotherName: (_, { log, other }) => ({ ...log.head, kid: other.kid }),
  earlier: (_, { log, earlier }, random) => earlier[random.below(earlier.length)] ?? log.head,
  redated: (_, { log }) => ({ ...log.head, at: '2026-01-02T00:00:00.000Z' }),
};

const pick = <T>(table: Record<string, T>, random: Random): [string, T] => {
  const entries = Object.entries(table);
  return entries[random.below(entries.length)] ?? ['', Object.values(table)[0] as T];
};

/** Out: a manipulated export, other than the real one, and what was done. */
export function manipulate(given: Given, random: Random): { how: string; text: string } {
  const whole = exportOf(given.log);
  for (;;) {
    const [edit, doEdit] = pick(EDITS, random);
    const [head, makeHead] = pick(HEADS, random);
    const [writing, write] = pick(TEXTS, random);
    const isAnew = random.below(4) > 0;
    const edited = doEdit(given.log.entries, random);
    let entries = isAnew ? chained(edited) : edited;
    const newHead = makeHead(entries, given, random);
    // The best use of an earlier head: the log as it really was then.
    if (head === 'earlier' && edit === 'cutTail') entries = given.log.entries.slice(0, newHead.seq);
    const text = write(exportOf({ entries, head: newHead }), random);
    if (text !== whole) return { how: `${edit}, ${isAnew ? 'chained anew' : 'as they were'}, head ${head}, text ${writing}`, text };
  }
}
