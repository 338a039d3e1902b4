import type { Command } from 'commander';
import { errorCode } from '#contract/errors.ts';
import { connectGics } from '#gics/client.ts';
import { readKeyRing } from '#platform/keys.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { Session } from './session.ts';
import { approvedFault, checkAudit, checkRecords, decisionFault, type Check } from './verify-checks.ts';

const TIMEOUT_MS = 5000;

export function addVerifyCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('verify')
    .description('Recompute the audit chain, check every signature and every approved hash; needs the store, not the API')
    .addHelpText(
      'after',
      '\nExamples:\n  gimo verify\n  gimo verify --data /srv/gimo/data --json\n\nEnds with 1 and names the first bad entry when something does not hold.',
    );
  command.action(async () => {
    const session = makeSession(command);
    const checks = await verifyAll(session);
    const ok = checks.every((check) => check.ok);
    session.result({ ok, checks }, () => checks.map((check) => lineOf(check, session)));
    if (!ok) process.exitCode = EXIT.failed;
  });
}

function lineOf({ name, ok, count, bad }: Check, { terminal: { paint } }: Session): string {
  return ok ? `${paint.green('✓')} ${name}: ${count} checked` : `${paint.red('✗')} ${name}: ${bad}`;
}

async function verifyAll(session: Session): Promise<Check[]> {
  const { config } = session.settings();
  const ring = readRing(config.paths.keyRing);
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

function readRing(file: string): ReturnType<typeof readKeyRing>['keys'] {
  try {
    return readKeyRing(file).keys;
  } catch (error) {
    const sentence = `${file} cannot be read: name the data directory of an instance with --data.`;
    throw new CliFailure(EXIT.usage, sentence, { cause: error });
  }
}
