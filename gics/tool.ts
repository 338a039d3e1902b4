/**
 * Backup, restore and verify as a process: `node gics/tool.ts backup <target> | restore <dir> | verify | verify-backup <dir> [--data <dir>]`.
 * One JSON object on stdout; exit code 0, 1 for an error ({"error": {code, message, hint}}), 3 when something is damaged.
 */
import { parseArgs } from 'node:util';
import { errorMessage, GimoError } from '#contract/errors.ts';
import { readConfig } from '#platform/config.ts';
import { dataPaths, type DataPaths } from '#platform/paths.ts';
import { backup, restore } from './backup.ts';
import { verifyBackup } from './manifest.ts';
import { verifyStore } from './verify.ts';
import { encodeError } from './wire.ts';

const EXIT_ERROR = 1;
const EXIT_DAMAGED = 3;

async function run(verb: string | undefined, folder: string | undefined, paths: DataPaths): Promise<object> {
  if (verb === 'verify') return verifyStore(paths);
  if (folder === undefined)
    throw new GimoError('BAD_REQUEST', { hint: 'backup <target> | restore <dir> | verify | verify-backup <dir> [--data <dir>]' });
  if (verb === 'backup') return backup(paths, folder);
  if (verb === 'restore') return restore(folder, paths);
  if (verb === 'verify-backup') return verifyBackup(folder);
  throw new GimoError('BAD_REQUEST', { message: `There is no verb ${JSON.stringify(verb)}.` });
}

try {
  const { values, positionals } = parseArgs({ options: { data: { type: 'string' } }, allowPositionals: true });
  const paths = values.data === undefined ? readConfig(process.env).paths : dataPaths(values.data);
  const result = await run(positionals[0], positionals[1], paths);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if ('ok' in result && result.ok === false) process.exitCode = EXIT_DAMAGED;
} catch (error) {
  const coded = error instanceof GimoError ? error : new GimoError('INTERNAL', { message: errorMessage(error) });
  process.stdout.write(`${JSON.stringify({ error: encodeError(coded) })}\n`);
  process.exitCode = EXIT_ERROR;
}
