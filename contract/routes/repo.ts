import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, route } from './route.ts';

const Path = z.string().max(4096).describe('relative to the repository, parts separated by /');
const Line = z.coerce.number().int().min(1).max(100_000_000);
const Ref = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_](?!.*\.\.)[A-Za-z0-9_./-]*(?:[~^]\d{0,4}){0,4}$/, 'must be the name of a branch, a tag or a commit');
const bool = z.enum(['true', 'false']).transform((value) => value === 'true');
const ERRORS = [...COMMON_ERRORS, 'NOT_FOUND', 'PATH_REFUSED', 'REPO_REFUSED', 'TIMEOUT'] as const;

export const TreeEntrySchema = z.object({
  name: z.string(),
  path: z.string(),
  type: z.enum(['folder', 'file', 'link', 'other']),
  /** Null for what is no file. */
  size_bytes: z.int().nullable(),
});
export type TreeEntry = z.output<typeof TreeEntrySchema>;

export const FileSchema = z.object({
  path: z.string(),
  /** Of the bytes of the whole file, as it is on the disk. */
  sha256: z.string(),
  size_bytes: z.int(),
  is_binary: z.boolean(),
  /** The lines asked for, with masks in place of secrets; null for a binary file. */
  text: z.string().nullable(),
  redactions: z.int(),
  from_line: z.int(),
  to_line: z.int(),
  lines: z.int(),
  /** Where to go on when not all that was asked for fitted; else null. */
  next_line: z.int().nullable(),
});
export type FileView = z.output<typeof FileSchema>;

export const SearchSchema = z.object({
  matches: z.array(z.object({ path: z.string(), line: z.int(), column: z.int(), text: z.string() })),
  files_searched: z.int(),
  /** Which limit ended the search early; null when everything was searched. */
  cut: z.enum(['matches', 'bytes', 'time']).nullable(),
});
export type SearchResult = z.output<typeof SearchSchema>;

export const DiffSchema = z.object({
  from: z.string(),
  /** Null is the working copy. */
  to: z.string().nullable(),
  files: z.array(
    z.object({
      path: z.string(),
      status: z.enum(['added', 'deleted', 'modified', 'type changed']),
      /** Null when it is binary or too large to be compared. */
      added: z.int().nullable(),
      removed: z.int().nullable(),
    }),
  ),
  text: z.string(),
  redactions: z.int(),
  truncated: z.boolean(),
});
export type DiffView = z.output<typeof DiffSchema>;

export const repoRoutes = {
  tree: route({
    method: 'GET',
    path: '/tree',
    summary: 'One folder of the active repository, without what git ignores and what looks secret',
    role: 'actions',
    classes: BOTH,
    query: z.strictObject({
      path: Path.default(''),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
      cursor: z.string().max(1000).optional(),
    }),
    responses: { 200: z.array(TreeEntrySchema) },
    errors: [...ERRORS, 'FILE_TOO_LARGE'],
    forIntegrations: true,
    isPaged: true,
  }),
  file: route({
    method: 'GET',
    path: '/file',
    summary: 'A text file of the active repository, whole or some lines of it, with its SHA-256',
    role: 'actions',
    classes: BOTH,
    query: z.strictObject({ path: Path, from_line: Line.default(1), to_line: Line.optional() }),
    responses: { 200: FileSchema },
    errors: [...ERRORS, 'FILE_TOO_LARGE'],
    forIntegrations: true,
  }),
  search: route({
    method: 'GET',
    path: '/search',
    summary: 'Search the files of the active repository for a text, or for a regular expression (RE2)',
    role: 'actions',
    classes: BOTH,
    query: z.strictObject({
      q: z.string().min(1).max(500).describe('what to look for, within one line'),
      path: Path.default('').describe('only below this folder'),
      regex: bool.optional(),
      ignore_case: bool.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    responses: { 200: SearchSchema },
    errors: [...ERRORS, 'RATE_LIMITED'],
    forIntegrations: true,
  }),
  diff: route({
    method: 'GET',
    path: '/diff',
    summary: 'What changed: the working copy against HEAD, or between two commits',
    role: 'actions',
    classes: BOTH,
    query: z.strictObject({
      from: Ref.default('HEAD'),
      to: Ref.optional().describe('left out = the working copy'),
      path: Path.default('').describe('only this file or folder'),
      context: z.coerce.number().int().min(0).max(50).default(3),
      limit: z.coerce.number().int().min(1).max(200).default(50).describe('files in one answer'),
      cursor: z.string().max(20).optional(),
    }),
    responses: { 200: DiffSchema },
    errors: [...ERRORS, 'RATE_LIMITED'],
    forIntegrations: true,
    isPaged: true,
  }),
} as const;
