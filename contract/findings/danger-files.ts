/** Files that run something, or steer who reads them: what a change of one means beyond its text. Pure. */
import type { Finding, Severity } from '../objects.ts';
import { pathCovers, pathsMeet } from '../pattern.ts';
import type { PlanNode } from '../plan.ts';
import { plural } from '../plural.ts';
import { knownDiff } from '../unified-diff.ts';
import { finding, quoteAll } from './finding.ts';

/** `paths`: at the top or in any folder; with `*`, a last `**` and `{one,other}`. */
type FileClass = { rule: string; severity: Severity; what: string; paths: string[] };

export const FILE_CLASSES: readonly FileClass[] = [
  {
    rule: 'CHANGES_CI',
    severity: 'high',
    what: 'what the build service runs by itself, with its secrets, once this is pushed',
    paths: [
      '.{github,gitea,forgejo}/{workflows,actions}/**',
      '.{circleci,buildkite,woodpecker}/**',
      '.{gitlab-ci,travis,drone,woodpecker,appveyor}.{yml,yaml}',
      '{appveyor,cloudbuild}.{yml,yaml}',
      'azure-pipelines*.{yml,yaml}',
      'bitbucket-pipelines.yml',
      'Jenkinsfile*',
    ],
  },
  {
    rule: 'CHANGES_HOOKS',
    severity: 'high',
    what: 'what is run by itself on the machine of whoever commits, checks out or enters the folder',
    paths: [
      '.{husky,githooks,git-hooks,git}/**',
      '.pre-commit-config.{yml,yaml}',
      '{,.}lefthook.{yml,yaml}',
      '.envrc',
      '.lintstagedrc*',
      'lint-staged.config.*',
    ],
  },
  {
    rule: 'CHANGES_EDITOR_TASKS',
    severity: 'high',
    what: 'what an editor runs or loads when the folder is opened',
    paths: [
      '.{vscode,idea,fleet,zed,devcontainer}/**',
      '.devcontainer.json',
      '*.code-workspace',
      '.exrc',
      '.nvimrc',
      '.nvim.lua',
      '.dir-locals.el',
    ],
  },
  {
    rule: 'CHANGES_AGENT_INSTRUCTIONS',
    severity: 'high',
    what: 'what coding agents are told to do here, and obey',
    paths: [
      '{CLAUDE,AGENT,AGENTS,GEMINI,CODEX,CONVENTIONS}{,.local}.md',
      '.{cursor,claude,codex,gemini,opencode,windsurf,continue,roo,kiro,aider}/**',
      '.{cursor,windsurf,cline,roo}rules{,/**}',
      '.mcp.json',
      'opencode.json{,c}',
      '.goosehints',
      '.github/copilot-instructions.md',
      '.github/{instructions,prompts,agents}/**',
      '.aider*',
    ],
  },
  {
    rule: 'CHANGES_BUILD',
    severity: 'medium',
    what: 'what is run when somebody installs, builds or starts the project',
    paths: [
      'package.json',
      '{,GNU}Makefile',
      '*.mk',
      '{Docker,Container}file*',
      '*.dockerfile',
      '{,docker-}compose*.{yml,yaml}',
      'Justfile',
      'Rakefile',
      'Taskfile.{yml,yaml}',
      'setup.{py,cfg}',
      'pyproject.toml',
      '{conftest,sitecustomize,usercustomize,noxfile}.py',
      'tox.ini',
      'build.rs',
      'Cargo.toml',
      '.cargo/**',
      'CMakeLists.txt',
      'build.gradle*',
      'gradlew*',
      'gradle-wrapper.properties',
      'pom.xml',
      '.mvn/**',
      'Gemfile*',
      'composer.json',
      'binding.gyp',
      '.pnp.{cjs,loader.mjs}',
      '.bazelrc',
      'BUILD{,.bazel}',
      'Tiltfile',
      '{vite,vitest,jest,webpack,rollup,babel,eslint,prettier,playwright,next}.config.{js,cjs,mjs,ts,cts,mts}',
      '.{eslint,prettier,babel,mocha}rc.{js,cjs,mjs}',
      '.gitattributes',
      '.gitmodules',
      '.npmrc',
      '.yarnrc*',
      'Procfile',
      'crontab',
      '*.service',
    ],
  },
];

/** `{a,b}` written out. */
function written(form: string): string[] {
  const open = form.indexOf('{');
  if (open < 0) return [form];
  const close = form.indexOf('}', open);
  const choices = form.slice(open + 1, close).split(',');
  return choices.flatMap((choice) => written(form.slice(0, open) + choice + form.slice(close + 1)));
}

/** Upper and lower case are one: what reads these files does not tell them apart everywhere. */
const CLASSES = FILE_CLASSES.map((group) => ({ group, forms: group.paths.flatMap(written).map((form) => form.toLowerCase()) }));

/** Nobody knows where it begins: what may be written is said elsewhere. */
const isOpen = (pattern: string): boolean => /^(?:\.\/)?\*/.test(pattern);

/** The class of each of these paths or patterns that has one. */
export function classesOf(paths: readonly string[]): { group: FileClass; paths: string[] }[] {
  const known = paths.filter((path) => !isOpen(path));
  return CLASSES.map(({ group, forms }) => ({ group, paths: known.filter((path) => forms.some((form) => belongs(path, form))) })).filter(
    (found) => found.paths.length > 0,
  );
}

/**
 * At the top, a pattern belongs to a class when any path that it covers does. Below, only when all of them do: nearly every folder could get a
 * file of some class, and nearly every name one of those that go by their end.
 */
function belongs(path: string, form: string): boolean {
  const parts = path.toLowerCase().replace(/^\.\//, '').split('/');
  const meets = !form.startsWith('*') && pathsMeet(parts.join('/'), form);
  return meets || parts.some((_part, at) => pathCovers(form, parts.slice(at).join('/')));
}

/** Files that a diff deletes. */
export function deletedByDiff(diff: string): string[] {
  return (knownDiff(diff) ?? []).flatMap((file) => (file.new === null && file.old !== null ? file.old : []));
}

/** Files that a diff lets anybody start. */
export function newPrograms(node: PlanNode): Finding[] {
  if (node.kind !== 'patch' || node.with.diff === undefined) return [];
  const made = (knownDiff(node.with.diff) ?? []).flatMap((file) => (file.isMadeExecutable && file.new !== null ? file.new : []));
  if (made.length === 0) return [];
  return [
    finding({
      rule: 'MAKES_EXECUTABLE',
      severity: 'medium',
      node: node.id,
      message: `It makes ${plural(made.length, 'file')} executable.`,
      evidence: quoteAll(made),
      remedy: 'Read what they do, or leave out the mode.',
    }),
  ];
}
