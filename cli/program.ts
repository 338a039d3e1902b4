/** The whole command line. */
import { Command } from 'commander';
import { VERSION } from '#platform/version.ts';
import { addCompletionCommand } from './completion/completion-command.ts';
import { addDrainCommand } from './drain-command.ts';
import { addDemoCommand } from './demo-command.ts';
import { addDoctorCommand } from './doctor/doctor-command.ts';
import { addInstanceCommands } from './instance-commands.ts';
import { addMcpCommand } from './mcp-command.ts';
import { addOpenCommand } from './open-command.ts';
import { addRouteCommands } from './route-commands.ts';
import { addRunCommands } from './run-commands.ts';
import { Session } from './session.ts';
import type { Environment, GlobalOptions } from './settings.ts';
import { addSetupCommand } from './setup-mcp/setup-command.ts';
import { addVerifyCommand } from './verify-command.ts';

const EXIT_HELP = `
Examples:
  gimo run examples/repo-health.yaml       draft, decide, run, follow
  gimo gates list --status open            what waits for an answer
  gimo logs -f r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H
  gimo doctor                              what is wrong, and what to do
  gimo drafts create --prompt "Say hello" --json

Exit codes: 0 done · 1 failed · 2 wrong usage · 3 refused (401, 403, 423), or nobody said yes · 4 not found · 5 conflict (409, 428) · 6 not running or unavailable · 130 detached
Environment: GIMO_URL, GIMO_TOKEN, GIMO_DATA_DIR, NO_COLOR`;

export function createProgram(env: Environment): Command {
  const program = new Command('gimo')
    .description('Plans that people approve and machines run: drafts, decisions, runs and proof of what happened')
    .version(VERSION, '--version', 'print the version')
    .option('--json', 'result as JSON on stdout; everything else on stderr')
    .option('--url <address>', 'address of the API (GIMO_URL; default: the instance of the data directory)')
    .option('--token <token>', 'token to use (GIMO_TOKEN; default: the least one of the data directory that suffices)')
    .option('--data <dir>', 'data directory of the instance (GIMO_DATA_DIR, default .orch_data)')
    .addHelpText('after', EXIT_HELP)
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const makeSession = (command: Command): Session => new Session(command.optsWithGlobals<GlobalOptions>(), env);
  addRunCommands(program, makeSession);
  addOpenCommand(program, makeSession);
  addDemoCommand(program, makeSession);
  addRouteCommands(program, makeSession);
  addMcpCommand(program, makeSession);
  addSetupCommand(program, makeSession);
  addVerifyCommand(program, makeSession);
  addInstanceCommands(program, makeSession);
  addDoctorCommand(program, makeSession);
  addCompletionCommand(program, makeSession);
  addDrainCommand(program, makeSession);
  for (const command of everyCommand(program)) command.exitOverride();
  return program;
}

function* everyCommand(command: Command): Generator<Command> {
  for (const child of command.commands) {
    yield child;
    yield* everyCommand(child);
  }
}
