/** Commands for whoever runs the instance: backup, restore, token reset, key rotate. They work on the data directory, not through the API. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { ROLES, type Role } from '#contract/objects.ts';
import { ERRORS } from '#contract/error-table.ts';
import { isErrorCode } from '#contract/errors.ts';
import { rotateSigningKey } from '#platform/keys.ts';
import { rotatePayloadKey } from '#platform/payload-keys.ts';
import { makeDataDirs } from '#platform/paths.ts';
import { resetTokens } from '#platform/tokens.ts';
import { CliFailure, EXIT, exitCodeOfStatus } from './failure.ts';
import type { Session } from './session.ts';
import { answerLines } from './table.ts';

const TOOL = path.join(import.meta.dirname, '..', 'gics', 'tool.ts');
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

type MakeSession = (command: Command) => Session;

export function addInstanceCommands(program: Command, makeSession: MakeSession): void {
  addTool(program, makeSession, { verb: 'backup', what: 'Copy store, Temporal database and keys into a new folder; the instance may run' });
  addTool(program, makeSession, { verb: 'restore', what: 'Put a backup into an empty data directory; the instance must not run' });
  addTokenReset(program, makeSession);
  addKeyRotate(program, makeSession);
}

function addTool(program: Command, makeSession: MakeSession, { verb, what }: { verb: 'backup' | 'restore'; what: string }): void {
  const command = program.command(`${verb} <dir>`).description(what).addHelpText('after', `\nExample:\n  gimo ${verb} backups/monday`);
  command.action(async (dir: string) => {
    const session = makeSession(command);
    const { data } = session.settings().config.paths;
    const result = await runTool([verb, path.resolve(dir), '--data', data]);
    session.result(result, () => answerLines(result, session.terminal.width, session.terminal.paint));
  });
}

/** Out: the one JSON object that the tool prints. Throws: CliFailure with the tool's own sentence. */
function runTool(args: string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [TOOL, ...args], { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      const result = parseOrNull(stdout);
      if (error === null && result !== null) return resolve(result);
      reject(toolFailure(result, stderr));
    });
  });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // it ended before it could say anything
  }
}

function toolFailure(result: unknown, stderr: string): CliFailure {
  const error = typeof result === 'object' && result !== null && 'error' in result ? result.error : null;
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return new CliFailure(EXIT.failed, `The tool of the store failed: ${stderr.trim()}`);
  const hint = 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : '';
  const exitCode = isErrorCode(error.code) ? exitCodeOfStatus(ERRORS[error.code].status) : EXIT.failed;
  return new CliFailure(exitCode, `${String(error.message)}${hint}`);
}

function addTokenReset(program: Command, makeSession: MakeSession): void {
  const group = program.command('token').description('Role tokens of the instance');
  const command = group
    .command('reset <role>')
    .description('Make a new token for a role; the old one ends with the next start')
    .addHelpText('after', '\nExample:\n  gimo token reset admin');
  command.action((role: string) => {
    const session = makeSession(command);
    if (!isRole(role)) throw new CliFailure(EXIT.usage, `${role} is no role; there are: ${ROLES.join(', ')}.`);
    const { paths } = session.settings().config;
    makeDataDirs(paths);
    const token = resetTokens(paths.tokens, [role])[role] ?? '';
    session.result({ role, token }, () => [token]);
    session.terminal.note('Start GIMO again: until then the old token is the one that works.');
  });
}

function addKeyRotate(program: Command, makeSession: MakeSession): void {
  const group = program.command('key').description('The key that signs decisions');
  const command = group
    .command('rotate')
    .description('Sign with a new key from the next decision on; what was signed before stays valid')
    .option('--payloads', 'the key that payloads of Temporal are encrypted with instead; what was written before stays readable')
    .addHelpText(
      'after',
      '\nExample:\n  gimo key rotate\n\nThe instance may run. A worker on another machine needs the new keys/keyring.json first.',
    );
  command.action((options: { payloads?: true }) => {
    const session = makeSession(command);
    const { paths } = session.settings().config;
    if (!existsSync(paths.signingKey))
      throw new CliFailure(EXIT.usage, `${paths.data} has no signing key yet: start GIMO there first, or name another with --data.`);
    if (options.payloads === true) {
      const payloadKid = rotatePayloadKey(paths.payloadKeys);
      return session.result({ kid: payloadKid }, () => [
        `New payloads are encrypted with the key ${payloadKid}; earlier ones stay readable.`,
      ]);
    }
    const kid = rotateSigningKey(paths);
    session.result({ kid }, () => [`New decisions are signed by the key ${kid}; earlier signatures stay verifiable.`]);
  });
}

function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}
