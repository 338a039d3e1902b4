/** The `gimo` command: runs one command and ends with the exit code of its class. */
import { CommanderError } from 'commander';
import { ApiFailure, EXIT, exitCodeOf, NotRunning, problemJson, problemLines } from './failure.ts';
import { createProgram } from './program.ts';
import { createPaint } from './terminal.ts';

const argv = process.argv.slice(2);

// The reader of a pipe may go away (`gimo runs list | head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  const program = createProgram(process.env);
  if (argv.length === 0) program.outputHelp();
  else await program.parseAsync(argv, { from: 'user' });
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(problemJson(error))}\n`);
  // It has said so itself.
  if (error instanceof CommanderError) return EXIT.usage;
  const paint = createPaint(process.stderr.isTTY && !process.env['NO_COLOR']);
  const [first = '', ...rest] = linesOf(error);
  process.stderr.write(`${[paint.red(first), ...rest].join('\n')}\n`);
  return exitCodeOf(error);
}

function linesOf(error: unknown): string[] {
  if (error instanceof ApiFailure) return problemLines(error.problem);
  if (error instanceof NotRunning) return [error.message, `  ${error.hint}`];
  return [error instanceof Error ? error.message : String(error)];
}
