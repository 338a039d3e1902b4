/** The dashboard is built when what it is made of has changed since the last build. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './refusal.ts';
import { runProgram } from './run-program.ts';

const SOURCES = ['web', 'contract', 'package-lock.json'];
const LEFT_OUT = new Set(['dist', 'node_modules']);
const STAMP = '.sources';

/** In: the clone. Out: whether a build was needed. Throws: Refusal. */
export async function ensureWebBuild(root: string, signal?: AbortSignal): Promise<boolean> {
  const dist = path.join(root, 'web', 'dist');
  // An installation without the sources brings the built dashboard along.
  if (!existsSync(path.join(root, 'web', 'vite.config.ts')) && existsSync(path.join(dist, 'index.html'))) return false;
  const hash = hashOfSources(root);
  const stamp = path.join(dist, STAMP);
  if (existsSync(path.join(dist, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  const argv = [path.join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'];
  const env = { ...process.env, NO_COLOR: '1' };
  const { code, output } = await runProgram(process.execPath, argv, { cwd: root, env, ...(signal ? { signal } : {}) });
  signal?.throwIfAborted();
  if (code !== 0) throw buildFailure(output);
  writeFileSync(stamp, hash);
  return true;
}

/** One sentence; the whole output is its cause. */
function buildFailure(output: string): Refusal {
  const line = output.split('\n').find((text) => /error/i.test(text) && !/:$|^\s*at /.test(text)) ?? output;
  return new Refusal(`The dashboard could not be built: ${line.trim()}`, { cause: new Error(output) });
}

function hashOfSources(root: string): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesBelow(root, source))) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(root: string, relative: string): string[] {
  const full = path.join(root, relative);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [relative];
  const names = readdirSync(full).filter((name) => !LEFT_OUT.has(name));
  return names.toSorted().flatMap((name) => filesBelow(root, path.join(relative, name)));
}
