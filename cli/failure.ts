/** How a command fails: one class of exit code, one sentence, and what to do next. */
import { CommanderError } from 'commander';
import { GimoError } from '#contract/errors.ts';
import type { Problem } from '#contract/objects.ts';

export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, notFound: 4, conflict: 5, unavailable: 6, detached: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const NOT_RUNNING = 'GIMO is not running: npm start';
export const STARTING_HINT = 'Try again when `npm start` says that it is up.';

/** A failure that its message explains in full. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** An answer of the API that is not a success. `problem` is what it said, RFC 9457. */
export class ApiFailure extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The API could not be reached. `hint` says where it was looked for and how to look elsewhere. `starting`: that it is on its way, in a sentence. */
export class NotRunning extends CliFailure {
  readonly hint: string;
  constructor(hint: string, cause: unknown, starting?: string) {
    super(EXIT.unavailable, starting ?? NOT_RUNNING, { cause });
    this.hint = starting === undefined ? hint : STARTING_HINT;
  }
}

export function exitCodeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403 || status === 423) return EXIT.refused;
  if (status === 404) return EXIT.notFound;
  if (status === 409 || status === 428) return EXIT.conflict;
  if (status === 502 || status === 503 || status === 504) return EXIT.unavailable;
  return EXIT.failed;
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliFailure) return error.exitCode;
  if (error instanceof ApiFailure) return exitCodeOfStatus(error.problem.status);
  if (error instanceof GimoError) return exitCodeOfStatus(error.status);
  if (error instanceof CommanderError) return EXIT.usage;
  return EXIT.failed;
}

/** For people: the sentence, then each fault with its node and path, since those are what has to be corrected; then hint and code. */
export function problemLines(problem: Problem): string[] {
  const faults = (problem.faults ?? []).map((fault) => {
    const where = [fault.node === null ? '' : `node ${fault.node}`, fault.path].filter((part) => part !== '').join(', ');
    return `  ${where === '' ? '' : `${where}: `}${fault.message} (${fault.code})`;
  });
  // The first one is for whoever reads the sentence alone.
  const detail = faults.length === 0 ? problem.detail : problem.detail.replace(/ First: .*$/s, '');
  const code = `  ${problem.code}${problem.correlation_id === '' ? '' : `, correlation id ${problem.correlation_id}`}`;
  const hint = `  ${problem.hint}`;
  const isTold = problem.faults?.length === 1 && detail.includes(problem.faults[0]?.message ?? '');
  if (faults.length === 0 || isTold) return [detail, code, hint];
  return [detail.replace(/\.$/, ':'), ...faults, hint, code];
}

/** A group without one of its commands prints its help instead of a message. */
function detailOf(error: unknown): string {
  if (error instanceof CommanderError && error.code === 'commander.help')
    return 'A command is missing: the help on stderr lists those there are.';
  return (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
}

/** For programs: the problem document, also for failures that never reached the API. */
export function problemJson(error: unknown): Problem {
  if (error instanceof ApiFailure) return error.problem;
  const detail = detailOf(error);
  const exitCode = exitCodeOf(error);
  const status = exitCode === EXIT.unavailable ? 503 : exitCode === EXIT.usage ? 400 : 500;
  const code = exitCode === EXIT.unavailable ? 'UNAVAILABLE' : exitCode === EXIT.usage ? 'BAD_REQUEST' : 'INTERNAL';
  const hint = error instanceof NotRunning ? error.hint : '';
  return { type: 'about:blank', title: detail, status, detail, code, hint, correlation_id: '' };
}
