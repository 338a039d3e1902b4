import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';
import { scriptOf, SHELLS, type Shell } from './scripts.ts';
import { levelsOf } from './words.ts';

export function addCompletionCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('completion')
    .description('Print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  gimo completion bash > ~/.local/share/bash-completion/completions/gimo\n  source <(gimo completion zsh)',
    );
  command.action((shell: Shell) => makeSession(command).terminal.outRaw(scriptOf(shell, levelsOf(program))));
}
