/** `gimo doctor`: looks at everything that a working instance needs, says what is wrong and what to do about it. */
import type { Command } from 'commander';
import type { Session } from '../session.ts';
import type { Paint } from '../terminal.ts';
import { printable } from '../terminal.ts';
import { exitOf, type Check, type Verdict } from './check.ts';
import { askReady, clockCheck, credentialCheck, partChecks, providerChecks } from './instance-checks.ts';
import { diskCheck, nodeCheck, portCheck, tokenFileCheck } from './machine-checks.ts';

const MARKS: Record<Verdict, (paint: Paint) => string> = {
  ok: (paint) => paint.green('ok     '),
  warning: (paint) => paint.yellow('warning'),
  failed: (paint) => paint.red('failed '),
};

const MARK_CHARS = 7;
/** Narrower columns cannot be read. */
const LEAST_CHARS = 40;

export function addDoctorCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('doctor')
    .description('Check the machine and the instance, and say what to do; the exit code is the class of the first failure')
    .addHelpText('after', '\nExample:\n  gimo doctor --json');
  command.action(async () => {
    const session = makeSession(command);
    const checks = await examine(session);
    const exit = exitOf(checks);
    session.result({ ok: exit === 0, checks: checks.map(({ exit: _exit, ...check }) => check) }, () =>
      linesOf(checks, session.terminal.paint, session.terminal.width),
    );
    process.exitCode = exit;
  });
}

/** In their order: what fails first is the cause of what fails later. */
async function examine(session: Session): Promise<Check[]> {
  const settings = session.settings();
  const answering = await askReady(settings.url);
  const checks = [
    nodeCheck(process.version),
    diskCheck(settings.config),
    tokenFileCheck(settings),
    await portCheck(settings, answering !== null),
    ...partChecks(answering, settings.start?.sentence() ?? null),
  ];
  if (answering === null) return checks;
  const client = session.client();
  return [...checks, clockCheck(answering), await credentialCheck(client), ...(await providerChecks(client))];
}

/** In: how wide the terminal is. A sentence that is longer goes on below its beginning. */
export function linesOf(checks: readonly Check[], paint: Paint, width: number): string[] {
  const names = Math.max(...checks.map(({ name }) => name.length));
  const margin = ' '.repeat(MARK_CHARS + names + 4);
  return checks.flatMap(({ name, verdict, detail, hint }) => {
    const [first = '', ...more] = wrapped(printable(detail), width - margin.length);
    const hints = hint === '' ? [] : wrapped(hint, width - margin.length);
    return [
      `${MARKS[verdict](paint)}  ${name.padEnd(names)}  ${first}`,
      ...more.map((line) => margin + line),
      ...hints.map((line) => margin + paint.dim(line)),
    ];
  });
}

/** Broken between words; a word that is too long stays whole. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= Math.max(width, LEAST_CHARS)) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
