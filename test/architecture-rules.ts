/** Who may import whom: one row per folder. A folder is a runtime; what reaches it by any chain of imports must run there. */
import path from 'node:path';
import { parseSync } from 'oxc-parser';

export type Row = {
  /** Folders, or single files, that it may import, by any chain. Its own folder is always allowed. */
  imports: string[];
  /** npm packages that its own files may name; a trailing `*` stands for any ending. */
  packages: string[];
  /** Whether it runs in Node. */
  hasNode: boolean;
};

const GICS_CLIENT = 'gics/client.ts';
/** The MCP server over any way to call the API: the command line serves it on stdio. */
const MCP_SERVER = 'api/mcp/server.ts';
const row = (imports: string[], packages: string[], hasNode = true): Row => ({ imports, packages, hasNode });

export const RULES: Record<string, Row> = {
  contract: row([], ['zod', 'canonicalize', '@noble/*', '@marcbachmann/cel-js', 're2js', 'yaml'], false),
  platform: row(['contract'], ['pino', 'msgpackr', '@temporalio/client', '@temporalio/common']),
  workflows: row(['contract'], ['@temporalio/workflow', '@temporalio/common'], false),
  activities: row(
    ['contract', 'platform', GICS_CLIENT],
    [
      'openai',
      '@anthropic-ai/sdk',
      '@modelcontextprotocol/client',
      '@temporalio/activity',
      '@temporalio/client',
      '@temporalio/common',
      're2js',
      'ulid',
    ],
  ),
  worker: row(
    ['contract', 'platform', 'activities', GICS_CLIENT],
    ['@temporalio/worker', '@temporalio/activity', '@temporalio/client', '@temporalio/common'],
  ),
  api: row(
    ['contract', 'platform', GICS_CLIENT],
    ['fastify', '@fastify/*', '@modelcontextprotocol/server', '@temporalio/client', '@temporalio/common', 're2js', 'ulid'],
  ),
  cli: row(
    ['contract', 'platform', GICS_CLIENT, MCP_SERVER],
    ['@modelcontextprotocol/server', 'commander', 'jsonc-parser', 'smol-toml', 'ulid', 'yaml'],
  ),
  gics: row(['contract', 'platform'], ['better-sqlite3', 'msgpackr']),
  supervisor: row(['contract', 'platform', GICS_CLIENT], ['rotating-file-stream', '@temporalio/common']),
  web: row(['contract'], ['react', 'react-dom', '@tanstack/*', '@xyflow/react', 'lucide-react', 'marked', 'radix-ui', 'yaml'], false),
  bin: row([], []),
};

/** Packages that may be named in one file only. */
const ONLY_IN: Record<string, string> = { zod: 'contract/zod.ts' };
const MAY_READ_ENV = /^(?:platform\/(?:config|env-refs)\.ts$|(?:supervisor|bin|test|bench)\/|\w+\/main\.ts$|gics\/tool\.ts$)/;
const LONGEST_FILE = 250;

/** Source text by path, relative to the clone. */
export type Sources = Map<string, string>;
type Imports = { files: string[]; packages: string[]; missing: string[] };

/** Tests, what only tests use, and build configuration may import anything; nothing else may import them. */
const FOR_TESTS = /(?:\.test|\.config|\/conformance[\w-]*|\/test-[\w-]+)\.tsx?$/;

export function isChecked(file: string): boolean {
  return Object.hasOwn(RULES, folderOf(file)) && !FOR_TESTS.test(file);
}

/** Out: one sentence for each thing that is not allowed. */
export function violations(sources: Sources): string[] {
  const graph = new Map([...sources].map(([file, text]) => [file, importsOf(file, text, sources)]));
  const checked = [...sources.keys()].filter(isChecked);
  const problems = checked.flatMap((file) => [...ownProblems(file, graph), ...chainProblems(file, graph)]);
  const perFile = [...sources].flatMap(([file, text]) => textProblems(file, text));
  return [...new Set([...problems, ...perFile])].toSorted();
}

function textProblems(file: string, text: string): string[] {
  const problems: string[] = [];
  const lines = text.split('\n').length - 1;
  if (lines > LONGEST_FILE) problems.push(`${file} has ${lines} lines, more than ${LONGEST_FILE}`);
  const readsEnv = /^(?!\s*(?:\/\/|\/?\*)).*\bprocess\.env\b/m.test(text);
  if (readsEnv && !MAY_READ_ENV.test(file) && !FOR_TESTS.test(file)) problems.push(`${file} reads process.env`);
  return problems;
}

/** What the file itself names. */
function ownProblems(file: string, graph: Map<string, Imports>): string[] {
  const { packages, hasNode } = ruleOf(file);
  const own = graph.get(file);
  return [
    ...(own?.missing ?? []).map((name) => `${file} imports ${name}, which does not exist`),
    ...(own?.packages ?? []).flatMap((name) => {
      if (name.startsWith('node:')) return hasNode ? [] : [`${file} imports ${name}, but ${folderOf(file)} does not run in Node`];
      if (ONLY_IN[name] !== undefined && ONLY_IN[name] !== file) return [`${file} imports ${name}; only ${ONLY_IN[name]} may`];
      return packages.some((allowed) => matches(name, allowed)) ? [] : [`${file} imports the package ${name}`];
    }),
  ];
}

/** What the file reaches by any chain of imports; each problem names the chain. */
function chainProblems(file: string, graph: Map<string, Imports>): string[] {
  const { imports } = ruleOf(file);
  const isAllowed = (target: string): boolean =>
    !FOR_TESTS.test(target) && (folderOf(target) === folderOf(file) || imports.includes(folderOf(target)) || imports.includes(target));
  const problems: string[] = [];
  const walk = (at: string, chain: string[], seen: Set<string>): void => {
    for (const target of graph.get(at)?.files ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      // The files behind a single allowed file are that file's own matter.
      if (imports.includes(target)) continue;
      if (!isAllowed(target)) problems.push(`${[...chain, target].join(' → ')} is not allowed`);
      else walk(target, [...chain, target], seen);
    }
  };
  walk(file, [file], new Set([file]));
  return problems;
}

/** Out: every package that a file pulls in, by any chain. */
export function packagesBehind(file: string, sources: Sources): string[] {
  const packages = new Set<string>();
  const seen = new Set([file]);
  for (const at of seen) {
    const found = importsOf(at, sources.get(at) ?? '', sources);
    for (const name of found.packages) packages.add(name);
    for (const target of found.files) seen.add(target);
  }
  return [...packages].toSorted();
}

/** The names that a file imports, by path and text: a tree is looked at many times with one file changed. */
const parsed = new Map<string, string[]>();

function namesIn(file: string, text: string): string[] {
  const key = `${file}\n${text}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const { module: found, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const names = [
    ...found.staticImports.map((entry) => entry.moduleRequest.value),
    ...found.staticExports.flatMap((entry) => entry.entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...found.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => /^['"](.*)['"]$/.exec(text.slice(start, end))?.[1] ?? []),
  ];
  const unique = [...new Set(names)];
  parsed.set(key, unique);
  return unique;
}

function importsOf(file: string, text: string, sources: Sources): Imports {
  const result: Imports = { files: [], packages: [], missing: [] };
  for (const name of namesIn(file, text)) {
    const target = targetOf(file, name);
    if (target === null) result.packages.push(packageOf(name));
    else if (sources.has(target)) result.files.push(target);
    else if (/\.(?:ts|tsx|mjs)$/.test(target)) result.missing.push(name);
  }
  return result;
}

/** Out: the path of a file of ours, null for a package. */
function targetOf(file: string, name: string): string | null {
  if (name.startsWith('#')) return name.slice(1);
  return name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : null;
}

function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

const matches = (name: string, allowed: string): boolean =>
  allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed;

const folderOf = (file: string): string => file.split('/')[0] ?? '';

function ruleOf(file: string): Row {
  return RULES[folderOf(file)] ?? row([], [], false);
}
