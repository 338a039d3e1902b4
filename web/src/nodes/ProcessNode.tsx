import { SquareTerminal } from 'lucide-react';
import { ROOMY_CHARS, shownCommand } from '#contract/commands/groups.ts';
import { quoted } from '#contract/commands/shell-words.ts';
import { commandFields, defineView } from './view.ts';

export const processNode = defineView<'process'>({
  label: 'Process',
  icon: SquareTerminal,
  summary: ({ argv, env, stdin }) => shownCommand({ argv: argv ?? [], env, stdin }, ROOMY_CHARS, quoted),
  fields: ({ argv, cwd, env, stdin, write, allow_exit, memory_mb, idempotent }) => ({
    ...commandFields(argv),
    'working folder': cwd,
    environment: env,
    'standard input': stdin,
    'may write below': write,
    'exit codes that count as success': allow_exit?.join(', '),
    'memory (MB)': memory_mb,
    'safe to run again': idempotent,
  }),
});
