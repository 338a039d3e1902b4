import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import { z } from '#contract/zod.ts';
import { hashFile } from './blobs.ts';
import { checkpointFaults, readCheckpoints } from './checkpoints.ts';
import { SCHEMA_VERSION } from './store/sqlite/migrations.ts';

export const MANIFEST_FILE = 'manifest.json';
/** Where the parts of an instance lie inside a backup. */
export const BACKUP_LAYOUT = {
  database: 'gics/gics.sqlite',
  blobs: 'gics/blobs',
  temporal: 'temporal.sqlite',
  keys: 'keys',
  checkpoints: 'checkpoints',
} as const;

const BACKUP_KEY_RING = `${BACKUP_LAYOUT.keys}/keyring.json`;

/** A path that cannot leave the folder it is used in: the manifest may come from anywhere. */
const innerPath = z.string().refine((file) => !path.isAbsolute(file) && !file.split(/[\\/]/).some((part) => part === '..' || part === ''));

export const ManifestSchema = z.strictObject({
  format: z.literal(1),
  created_at: z.number(),
  versions: z.strictObject({ gimo: z.string(), node: z.string(), schema: z.number() }),
  files: z.array(z.strictObject({ path: innerPath, size: z.number(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof ManifestSchema>;

/** Throws: NOT_FOUND, GICS_CORRUPT, GICS_DATA_NEWER. */
export async function readManifest(dir: string): Promise<Manifest> {
  const text = await readFile(path.join(dir, MANIFEST_FILE), 'utf8').catch((cause: unknown) => {
    throw new GimoError('NOT_FOUND', { message: 'There is no backup in this folder.', hint: `A backup has a ${MANIFEST_FILE}.`, cause });
  });
  const parsed = ManifestSchema.safeParse(parse(text));
  if (!parsed.success) throw new GimoError('GICS_CORRUPT', { message: 'The manifest of the backup cannot be read.' });
  const { schema } = parsed.data.versions;
  if (schema > SCHEMA_VERSION) throw new GimoError('GICS_DATA_NEWER', { data: { found: schema, known: SCHEMA_VERSION } });
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Compare every file of a backup with its manifest, and its audit log with its checkpoints. Out: sentences about what is wrong, none when all is well. Throws as readManifest does. */
export async function verifyBackup(dir: string): Promise<{ ok: boolean; faults: string[]; manifest: Manifest }> {
  const manifest = await readManifest(dir);
  const faults: string[] = [];
  for (const file of manifest.files) {
    const full = path.join(dir, file.path);
    const info = await stat(full).catch(() => null);
    if (info === null) faults.push(`${file.path} is missing.`);
    else if (info.size !== file.size || (await hashFile(full)) !== file.sha256) faults.push(`${file.path} is not what was backed up.`);
  }
  const of = (part: string): string => path.join(dir, part);
  // Who can write the backup can write its manifest anew; what was signed stays as it was.
  if (faults.length === 0)
    faults.push(...checkpointFaults(readCheckpoints(of(BACKUP_LAYOUT.checkpoints)), of(BACKUP_LAYOUT.database), of(BACKUP_KEY_RING)));
  return { ok: faults.length === 0, faults, manifest };
}
