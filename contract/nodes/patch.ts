import { choosingTexts } from '../commands/reading.ts';
import { INTERNAL, join } from '../labels.ts';
import { z } from '../zod.ts';
import { Argument, defineKind, NO_EFFECTS, WorkspacePath } from './kind.ts';
import { diffRefusal, draftedDiff, writtenByDiff } from './patch-diff.ts';

const Argv = z.array(Argument).min(1).max(256);
const FileChange = z.strictObject({ path: WorkspacePath, content: z.string().max(2_000_000).nullable() });

/**
 * A change of files: applied, validated, committed on the run's branch, or rolled back as a whole.
 * `files` writes (or with `content: null` deletes) whole files; `base_hashes` names the SHA-256 that files must have before.
 * Output: `{commit, files}`.
 */
export const patchKind = defineKind({
  summary: 'A change of files: applied, validated, committed or rolled back',
  output: '`{commit, files}`',
  example: { files: [{ path: 'NOTES.md', content: 'What was found' }], validate: ['test', '-s', 'NOTES.md'] },
  with: z
    .strictObject({
      diff: z.string().min(1).max(4_000_000).optional(),
      files: z.array(FileChange).min(1).max(1000).optional(),
      base: z
        .string()
        .regex(/^[0-9a-f]{7,64}$/)
        .optional(),
      base_hashes: z.record(WorkspacePath, z.string().regex(/^[0-9a-f]{64}$/)).optional(),
      validate: z.union([Argv, z.array(Argv).min(1).max(20)]).optional(),
      message: z.string().max(5000).optional(),
    })
    .refine((value) => (value.diff === undefined) !== (value.files === undefined), 'give either `diff` or `files`'),
  lane: 'process',
  usesWorkspace: true,
  label: (_value, inputs) => join(inputs, INTERNAL),
  choices: (value) => validations(value.validate).flatMap((argv) => choosingTexts({ argv })),
  refusal: ({ diff }, done) => {
    const error = diff === undefined ? null : diffRefusal(diff, done);
    return error === null ? null : { path: 'diff', error };
  },
  drafted: ({ diff }) => (diff === undefined ? null : draftedDiff(diff)),
  effectMode: () => 'idempotent',
  effects: (value, toPattern) => ({
    ...NO_EFFECTS,
    commands: validations(value.validate).map((argv) => argv.map(toPattern)),
    read: ['**'],
    write: value.files ? value.files.map((file) => toPattern(file.path)) : writtenByDiff(value.diff ?? '', toPattern),
  }),
});

/** The validation commands of a patch as a list of argument vectors. */
export function validations(validate: string[] | string[][] | undefined): string[][] {
  if (validate === undefined) return [];
  return validate.every((item) => typeof item === 'string') ? [validate] : validate.filter((item) => Array.isArray(item));
}
