/** What said what is run in runs that began before commands were read (`has_whole_commands`): they go on as they began. */
import { validations } from '../nodes/patch.ts';
import { isDynamic } from '../pattern.ts';
import type { PlanNode } from '../plan.ts';

const SHELLS = /(?:^|\/)(?:sh|bash|dash|zsh|ksh|ash|fish|python[\d.]*|node|perl|ruby)$/;
const CODE_OPTION = /^-[a-z]*[ce]$|^--(?:eval|command|print)$/;

const isShell = (argv: readonly string[]): boolean => SHELLS.test(argv[0] ?? '') || (argv[0] === 'env' && SHELLS.test(argv[1] ?? ''));

const codeOf = (argv: readonly string[]): string[] =>
  isShell(argv) ? argv.filter((_word, index) => CODE_OPTION.test(argv[index - 1] ?? '')) : [];

/** Null: what says so now did then. */
export function firstChoices(node: PlanNode): string[] | null {
  const commands = node.kind === 'process' ? [node.with.argv] : node.kind === 'patch' ? validations(node.with.validate) : null;
  return commands?.flatMap((argv) => [argv[0] ?? '', ...codeOf(argv)]) ?? null;
}

export function wasOpenCommand(argv: readonly string[]): boolean {
  return isDynamic(argv[0] ?? '*') || codeOf(argv).some(isDynamic) || (isShell(argv) && argv.at(-1) === '**');
}
