/** Real repositories for tests of workspaces. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openWorkspace } from '#activities/workspace/workspace.ts';
import type { Workspace } from '#activities/workspace/place.ts';

const ENV = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A Person',
  GIT_AUTHOR_EMAIL: 'person@example.invalid',
  GIT_COMMITTER_NAME: 'A Person',
  GIT_COMMITTER_EMAIL: 'person@example.invalid',
};

export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Git on a workspace, addressed as trusted code does. */
export function workspaceGit(workspace: Workspace, ...args: string[]): string {
  return git(workspace.tree, `--git-dir=${workspace.gitDir}`, `--work-tree=${workspace.tree}`, ...args);
}

export function makeFolder(): string {
  return realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gimo-workspace-')));
}

/** A repository with a text, a program, a link, folders, ignored files and attributes that would change bytes. */
export function makeRepo(root: string): string {
  const repo = path.join(root, 'repo');
  mkdirSync(path.join(repo, 'src/deep'), { recursive: true });
  writeFileSync(path.join(repo, 'readme.md'), 'one\ntwo\nthree\n');
  writeFileSync(path.join(repo, 'dos.txt'), 'a\r\nb\r\n');
  writeFileSync(path.join(repo, 'tool.sh'), '#!/bin/sh\necho tool\n');
  chmodSync(path.join(repo, 'tool.sh'), 0o755);
  writeFileSync(path.join(repo, 'src/deep/only.txt'), 'only\n');
  writeFileSync(path.join(repo, 'mit blank ä.txt'), 'x\n');
  symlinkSync('readme.md', path.join(repo, 'link'));
  symlinkSync(os.tmpdir(), path.join(repo, 'way-out'));
  writeFileSync(path.join(repo, '.gitignore'), 'build/\n*.log\n');
  writeFileSync(path.join(repo, '.gitattributes'), '*.md text eol=crlf filter=evil\n');
  git(root, 'init', '-q', '-b', 'main', repo);
  git(repo, 'add', '-A');
  git(repo, 'commit', '-q', '-m', 'first');
  return repo;
}

export async function makeWorkspace(root: string, runId = 'r_1'): Promise<{ repo: string; workspace: Workspace }> {
  const repo = makeRepo(root);
  const workspace = await openWorkspace({ repo, base: git(repo, 'rev-parse', 'HEAD'), runId, dir: path.join(root, 'workspaces') });
  return { repo, workspace };
}

/** Everything below a folder but `.git` folders: kind, permission bits, content. */
export function photograph(folder: string): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (at: string): void => {
    for (const name of readdirSync(path.join(folder, at))) {
      const file = path.join(at, name);
      const full = path.join(folder, file);
      const found = lstatSync(full);
      const mode = (found.mode & 0o777).toString(8);
      if (found.isSymbolicLink()) seen[file] = `link ${readlinkSync(full)}`;
      else if (found.isDirectory()) seen[file] = `folder ${mode}`;
      else seen[file] = `file ${mode} ${createHash('sha256').update(readFileSync(full)).digest('hex')}`;
      if (found.isDirectory() && name !== '.git') visit(file);
    }
  };
  visit('.');
  return seen;
}

/** Working copy, index, refs, configuration of the operator's repository: what no run may change. */
export function photographRepo(repo: string): Record<string, string> {
  const files = ['HEAD', 'config', 'index'].map(
    (name) => [`.git/${name}`, readFileSync(path.join(repo, '.git', name)).toString('base64')] as const,
  );
  const refs = git(repo, 'for-each-ref', '--format=%(refname) %(objectname)')
    .split('\n')
    .filter((line) => !line.startsWith('refs/heads/gimo/'))
    .join('\n');
  const objects = git(repo, 'fsck', '--full', '--strict');
  return { ...photograph(repo), ...Object.fromEntries(files), refs, objects };
}

/** Changes one file of makeRepo, deletes one, makes one. */
export const DIFF = `diff --git a/readme.md b/readme.md
--- a/readme.md
+++ b/readme.md
@@ -1,3 +1,3 @@
 one
-two
+zwei
 three
diff --git a/src/deep/only.txt b/src/deep/only.txt
deleted file mode 100644
--- a/src/deep/only.txt
+++ /dev/null
@@ -1 +0,0 @@
-only
diff --git a/tools/run.sh b/tools/run.sh
new file mode 100755
--- /dev/null
+++ b/tools/run.sh
@@ -0,0 +1 @@
+#!/bin/sh`;
