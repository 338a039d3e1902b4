import { describe, expect, it } from 'vitest';
import { validatePlan } from '../plan-check.ts';
import { dangerFindings } from './danger.ts';
import { classesOf } from './danger-files.ts';

const rulesOf = (...paths: string[]): string[] => classesOf(paths).map(({ group }) => group.rule);
const found = (diff: string): string[] =>
  dangerFindings(validatePlan({ version: 1, title: 'x', nodes: [{ id: 'a', kind: 'patch', with: { diff } }] }).nodes).map(
    ({ rule, severity, evidence }) => `${rule} ${severity} ${evidence}`,
  );

describe('a path', () => {
  it.each([
    [
      'CHANGES_CI',
      ['.github/workflows/x.yml', 'sub/.GitHub/workflows/x.yml', 'appveyor.yml', 'cloudbuild.yaml', 'Jenkinsfile.old', '.circleci'],
    ],
    ['CHANGES_HOOKS', ['.husky/pre-commit', 'a/.envrc', 'lefthook.yml', '.lintstagedrc.json']],
    ['CHANGES_EDITOR_TASKS', ['.vscode/tasks.json', './.devcontainer.json', 'x.code-workspace', 'a/x.code-workspace']],
    [
      'CHANGES_AGENT_INSTRUCTIONS',
      ['docs/AGENTS.md', '.gemini/settings.json', 'opencode.json', '.goosehints', '.cursorrules', 'CLAUDE.local.md'],
    ],
    [
      'CHANGES_BUILD',
      [
        'package.json',
        'packages/one/package.json',
        'makefile',
        '.bazelrc',
        'a/BUILD.bazel',
        'Tiltfile',
        'sitecustomize.py',
        'vitest.config.ts',
        'jest.config.js',
        'webpack.config.cjs',
        'babel.config.js',
        '.eslintrc.js',
        '.mocharc.js',
        '.pnp.cjs',
        'native/binding.gyp',
        'noxfile.py',
        'tox.ini',
        '.mvn/extensions.xml',
        'gradle/wrapper/gradle-wrapper.properties',
      ],
    ],
  ])('of the class %s is known by its name, in any folder', (rule, paths) => {
    for (const path of paths) expect(rulesOf(path), path).toEqual([rule]);
  });

  it.each([
    ['.github/*/ci.yml', ['CHANGES_CI', 'CHANGES_AGENT_INSTRUCTIONS']],
    ['.github/**', ['CHANGES_CI', 'CHANGES_AGENT_INSTRUCTIONS']],
    ['.git*/workflows/x.yml', ['CHANGES_CI']],
    ['.*/tasks.json', ['CHANGES_CI', 'CHANGES_HOOKS', 'CHANGES_EDITOR_TASKS', 'CHANGES_AGENT_INSTRUCTIONS', 'CHANGES_BUILD']],
    ['.h*y/*', ['CHANGES_HOOKS']],
    ['C*.md', ['CHANGES_AGENT_INSTRUCTIONS']],
    ['packages/*/package.json', ['CHANGES_BUILD']],
    ['src/*/*.mk', ['CHANGES_BUILD']],
  ])('that is open in the middle, %s, is of each class that it could become', (path, rules) => {
    expect(rulesOf(path).filter((rule) => rules.includes(rule))).toEqual(rules);
  });

  it.each([
    'src/a.ts',
    'docs/*',
    'src/**',
    'packages/*/src/index.ts',
    'reports/*.md',
    'report-*.md',
    'out-*',
    '**',
    '*.md',
    'workflows/ci.yml',
    'docs/package.md',
  ])('of no class, %s, says nothing', (path) => expect(rulesOf(path)).toEqual([]));
});

describe('a diff', () => {
  it('is of the class of the file that git would change, however its name is written', () => {
    const named = '"b/.gith\\303\\274b/x" "b/.gith\\303\\274b/x"';
    expect(
      found(
        `diff --git ${named.replace('"b', '"a')}\nnew file mode 100644\n--- /dev/null\n+++ ${named.split(' ')[0]}\n@@ -0,0 +1 @@\n+x\n`,
      ),
    ).toEqual([]);
    expect(found('--- /dev/null\n+++ b/.github/workflows/ci.yml\n@@ -0,0 +1 @@\n+on: push\n')).toEqual([
      'CHANGES_CI high `.github/workflows/ci.yml`',
    ]);
  });

  it('says which files it makes executable, and which it deletes', () => {
    const mode = 'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n';
    const gone =
      'diff --git "a/\\303\\274.md" "b/\\303\\274.md"\ndeleted file mode 100644\n--- "a/\\303\\274.md"\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n';
    const text = '--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n--- a/y\n-+++ /dev/null\n+z\n';
    expect(found(mode + gone + text)).toEqual(['DELETES_FILES medium `ü.md`', 'MAKES_EXECUTABLE medium `run.sh`']);
  });
});
