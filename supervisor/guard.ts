/** Children that cannot outlive the supervisor, however it ends. */
import { findOnPath } from './run-program.ts';

export type Command = { command: string; argv: string[] };

/** On Linux the system sends SIGTERM when the supervisor dies. Elsewhere the parts only have their stdin to notice it. */
export function withDeathSignal(program: string, argv: string[], pathList: string | undefined): Command {
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv', pathList) : null;
  if (setpriv === null) return { command: program, argv };
  return { command: setpriv, argv: ['--pdeathsig', 'TERM', program, ...argv] };
}

/** The same for a program that does not watch its stdin: where there is no death signal, a shell watches for it. */
export function guarded(program: string, argv: string[], pathList: string | undefined): Command {
  const command = withDeathSignal(program, argv, pathList);
  return command.command === program ? withShellGuard(program, argv) : command;
}

export function withShellGuard(program: string, argv: string[]): Command {
  const script = [
    'exec 3<&0',
    '"$@" </dev/null 3<&- & child=$!',
    '(cat <&3 >/dev/null; kill -TERM $child 2>/dev/null) & watch=$!',
    'exec 3<&-',
    `trap 'kill -TERM $child' TERM`,
    'wait $child; code=$?',
    // A trapped signal ends the first wait early.
    'if kill -0 $child 2>/dev/null; then wait $child; code=$?; fi',
    'kill $watch 2>/dev/null; exit $code',
  ];
  return { command: '/bin/sh', argv: ['-c', script.join('\n'), 'guard', program, ...argv] };
}
