import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readKeyRing } from '#platform/keys.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { Session } from './session.ts';
import { withStore } from './store.ts';
import { readCheckpoints } from './verify-checkpoints.ts';
import { approvedFault, checkAudit, checkRecords, decisionFault } from './verify-checks.ts';
import { Evidence } from './verify-evidence.ts';
import { checkExport } from './verify-export.ts';
import type { Check, NamedHead } from './verify-log.ts';

type Ring = ReturnType<typeof readKeyRing>['keys'];
type Options = { export?: string; ring?: string; checkpoints: string[]; asOf?: string };

export function addVerifyCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('verify')
    .description('Recompute the audit chain, check every signature and every approved hash; GIMO may run or not')
    .option('--export <file>', 'check an export of the audit log (`gimo audit export`) instead, anywhere')
    .option('--ring <file>', 'the public keys, for an export that is checked elsewhere (default: those of the data directory)')
    .option(
      '--checkpoints <folder>',
      'signed heads that were kept, as often as you like (default: those of the data directory)',
      collect,
      [],
    )
    .option('--as-of <time>', 'leave out checkpoints that were made later, for an export of that time')
    .addHelpText(
      'after',
      '\nExamples:\n  gimo verify\n  gimo verify --export audit.ndjson --ring keyring.json --checkpoints /mnt/other/checkpoints\n  gimo verify --data /srv/gimo/data --json\n\nEnds with 1 and names the first bad entry when something does not hold.',
    );
  command.action(async (options: Options) => {
    const session = makeSession(command);
    const { paths, checkpointDir } = session.settings().config;
    const ring = readRing(options.ring ?? paths.keyRing);
    const usual = [paths.checkpoints, ...(checkpointDir === null ? [] : [checkpointDir])];
    // Before the log is read: one that is made meanwhile would cover more.
    const heads = readCheckpoints({ named: options.checkpoints, usual, asOf: timeOf(options.asOf) });
    const checks =
      options.export === undefined ? await verifyAll(session, ring, heads) : checkExport(readExport(options.export), ring, heads);
    const ok = checks.every((check) => check.ok);
    session.result({ ok, checks }, () => checks.map((check) => lineOf(check, session)));
    if (!ok) process.exitCode = EXIT.failed;
  });
}

const collect = (value: string, before: string[]): string[] => [...before, value];

function timeOf(text: string | undefined): string | undefined {
  if (text === undefined || !Number.isNaN(Date.parse(text))) return text;
  throw new CliFailure(EXIT.usage, `${text} is no time: write it like 2026-03-01T12:00:00Z.`);
}

function lineOf({ name, ok, count, bad }: Check, { terminal: { paint } }: Session): string {
  if (!ok) return `${paint.red('✗')} ${name}: ${bad}`;
  if (name === 'checkpoints' && count === 0) return `${paint.yellow('!')} ${NO_CHECKPOINTS}`;
  return `${paint.green('✓')} ${name}: ${count} checked`;
}

const NO_CHECKPOINTS =
  'checkpoints: none were found, so nothing here would show that the end of the log was cut off; name the folder where copies are kept with --checkpoints';

function verifyAll(session: Session, ring: Ring, heads: readonly NamedHead[]): Promise<Check[]> {
  return withStore(session.settings().config, session.env, async (gics) => {
    const evidence = new Evidence();
    const records = [
      await checkRecords(gics, { name: 'decisions', collection: 'decisions', fault: (value) => decisionFault(value, ring), evidence }),
      await checkRecords(gics, {
        name: 'approved artifacts',
        collection: 'approved',
        fault: (value) => approvedFault(value, ring),
        evidence,
      }),
    ];
    const log = await checkAudit(gics, { heads, ring, evidence });
    // Where a record is not what was signed, or the log is broken, that is the news.
    const isWhole = [...log, ...records].every((check) => check.ok);
    return [...log, ...records, ...(isWhole ? [await evidence.check(gics)] : [])];
  });
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
