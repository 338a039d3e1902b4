/** What can be typed after `gimo`, read from the program itself, so that a new route completes by itself. */
import type { Command } from 'commander';

/** `path`: the words before; `words`: commands with their descriptions; `options`: long names. */
export type Level = { path: string; words: { name: string; says: string }[]; options: string[] };

const longNames = (command: Command): string[] => command.options.flatMap(({ long }) => long ?? []);

/** The program, its groups and their commands: two levels, as deep as the command line is. */
export function levelsOf(program: Command): Level[] {
  const always = [...longNames(program), '--help'];
  const levelOf = (path: string, command: Command): Level => ({
    path,
    words: command.commands.map((child) => ({ name: child.name(), says: child.description() })),
    options: [...new Set([...longNames(command), ...always])],
  });
  const walk = (path: string, command: Command): Level[] => [
    levelOf(path, command),
    ...command.commands.flatMap((child) => walk(`${path} ${child.name()}`.trim(), child)),
  ];
  return walk('', program);
}
