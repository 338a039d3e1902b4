import { HostSchema } from '../http-target.ts';
import { commandForm } from '../commands/form.ts';
import { choosingTexts } from '../commands/reading.ts';
import { z } from '../zod.ts';
import { Argument, defineKind, NO_EFFECTS, WorkspacePath } from './kind.ts';

export const EnvName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be a name of letters, digits and _');

const MAX_VARIABLES = 500;
/** A pattern that somebody meant would be a folder of that name; a reference may multiply. */
const hasStar = (path: string): boolean => path.replaceAll(/\$\{\{.*?\}\}/gs, '').includes('*');

/**
 * An ephemeral process in a fence: the workspace is its only view of files, read-only but for `write`; no network but for `hosts`.
 * Output: `{exit_code, stdout, stderr, duration_ms, truncated}`, and `lines` or `json` as `parse` asks.
 */
export const processKind = defineKind({
  summary: 'A command in the sandbox',
  output: '`{exit_code, stdout, stderr, duration_ms, truncated}` and `lines` or `json`',
  example: { argv: ['git', 'log', '--oneline', '--max-count=5'], parse: 'lines', idempotent: true },
  with: z.strictObject({
    argv: z.array(Argument).min(1).max(256),
    cwd: WorkspacePath.optional(),
    env: z
      .record(EnvName, z.string().max(32_768))
      .refine((env) => Object.keys(env).length <= MAX_VARIABLES, `holds at most ${MAX_VARIABLES} variables`)
      .optional(),
    stdin: z.string().max(1_000_000).optional(),
    write: z
      .array(WorkspacePath.refine((path) => !hasStar(path), 'is taken literally: name folders; `.` is the whole clone'))
      .max(100)
      .default([])
      .describe('Paths below which it may write; a process that names none sees the workspace read-only'),
    hosts: z
      .array(HostSchema)
      .max(50)
      .optional()
      .describe('Hosts that it may reach, through a proxy: `host` for the usual ports (443, 80), or `host:port`'),
    parse: z.enum(['text', 'lines', 'json']).default('text'),
    allow_exit: z.array(z.int().min(0).max(255)).min(1).max(32).default([0]),
    memory_mb: z.int().min(16).max(65_536).default(2048),
    idempotent: z.boolean().default(false).describe('Declares that running it again after a crash does no harm'),
  }),
  lane: 'process',
  usesWorkspace: true,
  choices: choosingTexts,
  effectMode: (value) => (value.idempotent ? 'idempotent' : 'at_most_once'),
  effects: (value, toPattern) => ({
    ...NO_EFFECTS,
    commands: [commandForm(value, toPattern)],
    read: ['**'],
    hosts: value.hosts ?? [],
    write: value.write.map((path) => (path === '.' ? '**' : `${toPattern(path)}/**`)),
  }),
});
