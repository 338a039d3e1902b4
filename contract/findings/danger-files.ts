/** Files that run something, or steer who reads them: what a change of one means beyond its text. Pure. */
import type { Severity } from '../objects.ts';
import { pathCovers } from '../pattern.ts';

/** `sample`: a path that a wide pattern has to cover to mean these. */
type FileClass = { rule: string; severity: Severity; what: string; path: RegExp; samples: string[] };

export const FILE_CLASSES: readonly FileClass[] = [
  {
    rule: 'CHANGES_CI',
    severity: 'high',
    what: 'what the build service runs by itself, with its secrets, once this is pushed',
    path: /^(?:.*\/)?(?:\.(?:github|gitea|forgejo)\/(?:workflows|actions)\/|\.(?:circleci|buildkite|woodpecker)\/|\.(?:gitlab-ci|travis|drone|woodpecker|appveyor)\.ya?ml$|azure-pipelines[\w.-]*\.ya?ml$|bitbucket-pipelines\.yml$|Jenkinsfile)/i,
    samples: ['.github/workflows/x.yml', '.circleci/config.yml'],
  },
  {
    rule: 'CHANGES_HOOKS',
    severity: 'high',
    what: 'what is run by itself on the machine of whoever commits, checks out or enters the folder',
    path: /^(?:.*\/)?(?:\.(?:husky|githooks|git-hooks)\/|\.git\/|\.pre-commit-config\.ya?ml$|\.?lefthook\.ya?ml$|\.envrc$|\.lintstagedrc|lint-staged\.config\.)/i,
    samples: ['.husky/pre-commit', '.githooks/pre-commit'],
  },
  {
    rule: 'CHANGES_EDITOR_TASKS',
    severity: 'high',
    what: 'what an editor runs or loads when the folder is opened',
    path: /^(?:.*\/)?(?:\.(?:vscode|idea|fleet|zed|devcontainer)\/|\.devcontainer\.json$|\.exrc$|\.nvimrc$|\.nvim\.lua$|\.dir-locals\.el$)/i,
    samples: ['.vscode/tasks.json', '.devcontainer/devcontainer.json'],
  },
  {
    rule: 'CHANGES_AGENT_INSTRUCTIONS',
    severity: 'high',
    what: 'what coding agents are told to do here, and obey',
    path: /^(?:.*\/)?(?:(?:CLAUDE|AGENTS?|GEMINI|CODEX|CONVENTIONS)(?:\.local)?\.md$|\.(?:cursor|claude|codex|windsurf|continue|roo|kiro|aider)\/|\.(?:cursor|windsurf|cline|roo)rules|\.mcp\.json$|\.github\/(?:copilot-instructions\.md$|instructions\/|prompts\/|agents\/)|\.aider[\w.-]*$)/i,
    samples: ['.cursor/rules/x.mdc', '.claude/settings.json'],
  },
  {
    rule: 'CHANGES_BUILD',
    severity: 'medium',
    what: 'what is run when somebody installs, builds or starts the project',
    path: /^(?:.*\/)?(?:package\.json$|(?:GNU)?Makefile$|[\w.-]+\.mk$|(?:Docker|Container)file|[\w.-]*\.dockerfile$|(?:docker-)?compose[\w.-]*\.ya?ml$|[Jj]ustfile$|Rakefile$|Taskfile\.ya?ml$|setup\.(?:py|cfg)$|pyproject\.toml$|conftest\.py$|build\.rs$|Cargo\.toml$|\.cargo\/|CMakeLists\.txt$|build\.gradle|gradlew|pom\.xml$|Gemfile|composer\.json$|\.gitattributes$|\.gitmodules$|\.npmrc$|\.yarnrc|Procfile$|crontab$|[\w.-]+\.service$)/,
    samples: [],
  },
];

/** Nobody knows where it begins: what may be written is said elsewhere. */
const isOpen = (pattern: string): boolean => /^(?:\.\/)?\*/.test(pattern);

/** The class of each of these paths or patterns that has one. */
export function classesOf(paths: readonly string[]): { group: FileClass; paths: string[] }[] {
  const known = paths.filter((path) => !isOpen(path));
  return FILE_CLASSES.map((group) => ({ group, paths: known.filter((path) => belongs(path, group)) })).filter(
    (found) => found.paths.length > 0,
  );
}

function belongs(path: string, { path: form, samples }: FileClass): boolean {
  const plain = path.replace(/^\.\//, '');
  return plain.includes('*') ? samples.some((sample) => pathCovers(plain, sample)) : form.test(plain);
}

/** Files that a diff deletes. */
export function deletedByDiff(diff: string): string[] {
  const found = new Set<string>();
  let from: string | null = null;
  for (const line of diff.split('\n')) {
    const [, name] = /^--- (?:a\/)?([^\t]+)/.exec(line) ?? [];
    const [, git] = /^diff --git a\/(.+) b\//.exec(line) ?? [];
    if (git !== undefined) from = git;
    if (name !== undefined && name !== '/dev/null') from = name;
    if (from !== null && (line.startsWith('+++ /dev/null') || line.startsWith('deleted file mode'))) found.add(from);
  }
  return [...found];
}
