import { Argument, type Command } from 'commander';
import { CliFailure, EXIT } from '../failure.ts';
import type { Session } from '../session.ts';
import { scriptOf, SHELLS, type Shell } from './scripts.ts';
import { levelsOf } from './words.ts';

const HOW = [
  '  gimo completion bash > ~/.local/share/bash-completion/completions/gimo',
  '  gimo completion zsh  > "${fpath[1]}/_gimo"',
  '  gimo completion fish > ~/.config/fish/completions/gimo.fish',
].join('\n');

export function addCompletionCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('completion')
    .description('Print the completion script of a shell')
    .addArgument(new Argument('[shell]').choices(SHELLS))
    .addHelpText('after', `\nExamples:\n${HOW}`);
  command.action((shell: Shell | undefined) => {
    if (shell === undefined) throw new CliFailure(EXIT.usage, `Which shell? ${SHELLS.join(', ')}:\n${HOW}`);
    makeSession(command).terminal.outRaw(scriptOf(shell, levelsOf(program)));
  });
}
