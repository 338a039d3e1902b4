/** Signed heads of the audit log beside the log that they are of: each says what the log was once, and it has to be so still. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { verifyAuditHead } from '#contract/audit-chain.ts';
import type { PublicKey } from '#contract/decision.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import { MerkleTree } from '#contract/merkle.ts';
import { CheckpointSchema, type Checkpoint } from '#contract/security.ts';
import { CHECKPOINT_FILE, checkpointName } from '#platform/checkpoint-files.ts';
import { readKeyRing } from '#platform/keys.ts';

/** Null: a file that is none, or not as GIMO writes it. */
export type NamedCheckpoint = { name: string; checkpoint: Checkpoint | null };

/** Read before the log is looked at: one that is made meanwhile would cover more. */
export function readCheckpoints(dir: string): NamedCheckpoint[] {
  const names = existsSync(dir) ? readdirSync(dir).filter((name) => CHECKPOINT_FILE.test(name)) : [];
  return names.sort().flatMap((name) => {
    const file = path.join(dir, name);
    // A newer one may have taken its place.
    return existsSync(file) ? [{ name, checkpoint: parse(readFileSync(file, 'utf8'), name) }] : [];
  });
}

function parse(text: string, name: string): Checkpoint | null {
  try {
    const checkpoint = CheckpointSchema.parse(JSON.parse(text));
    const { head, peaks } = checkpoint;
    const isWhole = checkpointName(head.seq) === name && MerkleTree.of(head.seq, peaks).root() === head.root;
    return isWhole ? checkpoint : null;
  } catch {
    return null;
  }
}

/** In: the database with the log, and the file with the public keys. Out: sentences about what does not fit. */
export function checkpointFaults(found: readonly NamedCheckpoint[], database: string, keyRing: string): string[] {
  if (found.length === 0 || !existsSync(database)) return [];
  const ring = existsSync(keyRing) ? readKeyRing(keyRing).keys : [];
  const db = new Database(database, { readonly: true });
  try {
    const at = db
      .prepare<[string, number], string>(
        'SELECT e.hash FROM entries e JOIN streams s ON s.id = e.stream WHERE s.name = ? AND e."offset" = ?',
      )
      .pluck();
    return found.flatMap(({ name, checkpoint }) => faultOf(name, checkpoint, ring, (seq) => at.get(AUDIT_STREAM, seq)) ?? []);
  } finally {
    db.close();
  }
}

type HashAt = (seq: number) => string | undefined;

function faultOf(name: string, checkpoint: Checkpoint | null, ring: readonly PublicKey[], hashAt: HashAt): string | null {
  if (checkpoint === null) return `The checkpoint ${name} was changed or damaged.`;
  const { head } = checkpoint;
  if (!verifyAuditHead(head, ring)) return `The checkpoint ${name} is not signed by a key of the ring.`;
  if (head.seq > 0 && hashAt(head.seq) !== head.hash) return `The audit log is not what the checkpoint ${name} says that it was.`;
  return null;
}
