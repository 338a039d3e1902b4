import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILES: Record<string, string> = {
  'README.md': '# Sample\n\nA small repository. TODO: say more.\n',
  'package.json': '{"name": "sample", "version": "1.0.0", "license": "MIT"}\n',
  'src/index.js': 'export const answer = 42; \n// TODO: ask the question\n',
  'src/deep/util.js': 'export function twice(n) {\n  return n * 2;   \n}\n',
  'test/index.test.js': 'import "../src/index.js";\n',
};

export function git(repo: string, ...args: string[]): string {
  return execFileSync('git', ['-C', repo, '-c', 'user.name=Tester', '-c', 'user.email=tester@example.invalid', ...args], {
    encoding: 'utf8',
  }).trim();
}

/** A repository with a few files and one commit. Out: its path. */
export function makeRepo(dir: string, files: Record<string, string> = FILES): string {
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '--quiet', '--initial-branch=main');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  git(dir, 'add', '-A');
  git(dir, 'commit', '--quiet', '-m', 'first');
  return dir;
}
