/**
 * Prepares an instance whose parts something else starts (docker-compose.yml): the signing key, Temporal's namespace.
 * `--ring FILE` also puts a copy of the public keys there, and beside it one of the keys of payloads, for a worker that must not see the signing key. Safe to repeat.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '#platform/config.ts';
import { writeFileAtomic } from '#platform/files.ts';
import { ensureKeys } from '#platform/keys.ts';
import { ensurePayloadKey } from '#platform/payload-keys.ts';
import { makeDataDirs } from '#platform/paths.ts';
import { sentenceOf } from './refusal.ts';
import { prepareNamespace } from './temporal-server.ts';

try {
  const { values } = parseArgs({ options: { ring: { type: 'string' } } });
  const config = readConfig(process.env);
  makeDataDirs(config.paths);
  const kid = ensureKeys(config.paths);
  ensurePayloadKey(config.paths.payloadKeys);
  if (values.ring !== undefined) {
    writeFileAtomic(values.ring, readFileSync(config.paths.keyRing, 'utf8'));
    writeFileAtomic(
      path.join(path.dirname(values.ring), path.basename(config.paths.payloadKeys)),
      readFileSync(config.paths.payloadKeys, 'utf8'),
    );
  }
  await prepareNamespace(config);
  console.log(`prepared: signing key ${kid}, namespace ${config.temporalNamespace}`);
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}
