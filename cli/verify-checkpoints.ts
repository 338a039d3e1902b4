/** Checkpoints of the audit log, as they lie in the data directory or in a second place. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MerkleTree } from '#contract/merkle.ts';
import { CheckpointSchema, type Checkpoint } from '#contract/security.ts';
import { CHECKPOINT_FILE, checkpointName } from '#platform/checkpoint-files.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { NamedHead } from './verify-log.ts';

type Places = { named: readonly string[]; usual: readonly string[]; asOf: string | undefined };

/**
 * In: folders that were named, and those to look into when none was. Out: the heads in them, without those made after `asOf`.
 * Throws: CliFailure for a folder that cannot be read, and for a file that is no checkpoint.
 */
export function readCheckpoints({ named, usual, asOf }: Places): NamedHead[] {
  const heads =
    named.length > 0 ? named.flatMap((dir) => readFolder(dir, filesOf(dir))) : usual.flatMap((dir) => readFolder(dir, ifThere(dir)));
  return asOf === undefined ? heads : heads.filter(({ head }) => Date.parse(head.at) <= Date.parse(asOf));
}

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => CHECKPOINT_FILE.test(name));
  } catch (error) {
    throw new CliFailure(EXIT.usage, `${dir} cannot be read: name the folder that holds checkpoints.`, { cause: error });
  }
}

function ifThere(dir: string): string[] {
  try {
    return filesOf(dir);
  } catch {
    return []; // no instance has run here
  }
}

function readFolder(dir: string, names: string[]): NamedHead[] {
  return names.map((name) => {
    const file = path.join(dir, name);
    const { head } = parseCheckpoint(file);
    if (checkpointName(head.seq) !== name) throw notOne(file);
    return { name: file, head };
  });
}

function parseCheckpoint(file: string): Checkpoint {
  const text = readFileSync(file, 'utf8');
  try {
    const checkpoint = CheckpointSchema.parse(JSON.parse(text));
    const { head, peaks } = checkpoint;
    if (`${JSON.stringify(checkpoint)}\n` === text && MerkleTree.of(head.seq, peaks).root() === head.root) return checkpoint;
  } catch (error) {
    throw notOne(file, error);
  }
  throw notOne(file);
}

function notOne(file: string, cause?: unknown): CliFailure {
  return new CliFailure(EXIT.failed, `${file} is no checkpoint as GIMO writes them: it was changed or damaged.`, { cause });
}
