import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { errorCode } from '#contract/errors.ts';
import { connectGics } from '#gics/client.ts';
import { readKeyRing } from '#platform/keys.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { Session } from './session.ts';
import { approvedFault, checkAudit, checkRecords, decisionFault, type Check } from './verify-checks.ts';
import { checkExport } from './verify-export.ts';

const TIMEOUT_MS = 5000;
type Ring = ReturnType<typeof readKeyRing>['keys'];

export function addVerifyCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('verify')
    .description('Recompute the audit chain, check every signature and every approved hash; needs the store, not the API')
    .option('--export <file>', 'check an export of the audit log (`gimo audit export`) instead; needs no store')
    .option('--ring <file>', 'the public keys, for an export that is checked elsewhere (default: those of the data directory)')
    .addHelpText(
      'after',
      '\nExamples:\n  gimo verify\n  gimo verify --export audit.ndjson --ring keyring.json\n  gimo verify --data /srv/gimo/data --json\n\nEnds with 1 and names the first bad entry when something does not hold.',
    );
  command.action(async (options: { export?: string; ring?: string }) => {
    const session = makeSession(command);
    const ring = readRing(options.ring ?? session.settings().config.paths.keyRing);
    const checks = options.export === undefined ? await verifyAll(session, ring) : checkExport(readExport(options.export), ring);
    const ok = checks.every((check) => check.ok);
    session.result({ ok, checks }, () => checks.map((check) => lineOf(check, session)));
    if (!ok) process.exitCode = EXIT.failed;
  });
}

function lineOf({ name, ok, count, bad }: Check, { terminal: { paint } }: Session): string {
  return ok ? `${paint.green('✓')} ${name}: ${count} checked` : `${paint.red('✗')} ${name}: ${bad}`;
}

async function verifyAll(session: Session, ring: Ring): Promise<Check[]> {
  const { config } = session.settings();
  const gics = connectGics(config.gicsUrl, { token: config.gicsToken, timeoutMs: TIMEOUT_MS });
  try {
    return [
      await checkAudit(gics),
      await checkRecords(gics, { name: 'decisions', collection: 'decisions', fault: (value) => decisionFault(value, ring) }),
      await checkRecords(gics, { name: 'approved artifacts', collection: 'approved', fault: (value) => approvedFault(value, ring) }),
    ];
  } catch (error) {
    if (errorCode(error) !== 'GICS_UNAVAILABLE') throw error;
    const how = `node bin/run.mjs gics/main.ts`;
    throw new CliFailure(
      EXIT.unavailable,
      `The store of ${config.paths.data} is not running: npm start, or only the store with \`${how}\`.`,
      { cause: error },
    );
  } finally {
    await gics.close();
  }
}

function readExport(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliFailure(EXIT.usage, `${file} cannot be read: give the file that \`gimo audit export\` wrote.`, { cause: error });
  }
}

function readRing(file: string): Ring {
  try {
    return readKeyRing(file).keys;
  } catch (error) {
    const sentence = `${file} cannot be read: name the data directory of an instance with --data, or the file with --ring.`;
    throw new CliFailure(EXIT.usage, sentence, { cause: error });
  }
}
