import { FileDiff } from 'lucide-react';
import { plural } from '#contract/plural.ts';
import { argvText } from '#contract/commands/shell-words.ts';
import { knownDiff, linesOfDiff, pathsOfDiff } from '#contract/unified-diff.ts';
import { defineView } from './view.ts';

export const patchNode = defineView<'patch'>({
  label: 'Patch',
  icon: FileDiff,
  summary: ({ files, diff }) =>
    files
      ? `writes ${files.map((file) => file.path).join(', ')}`
      : `applies a diff of ${plural(linesOfDiff(diff ?? ''), 'line')}${namesOf(diff ?? '')}`,
  fields: ({ message, files, diff, base, base_hashes, validate }) => ({
    message,
    files: files?.map((file) => file.path),
    diff,
    'base commit': base,
    'files must have': base_hashes,
    'validated by': validate === undefined ? undefined : commandsOf(validate),
  }),
});

function namesOf(diff: string): string {
  const paths = pathsOfDiff(knownDiff(diff) ?? []);
  return paths.length === 0 ? '' : ` to ${paths.join(', ')}`;
}

function commandsOf(validate: string[] | string[][]): string {
  const many = validate.every((item) => typeof item === 'string') ? [validate] : validate;
  return many.map(argvText).join('\n');
}
