/** The dashboard is built when what it is made of has changed since the last build. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { waitForFileLock } from './file-lock.ts';
import { Refusal } from './refusal.ts';
import { runProgram } from './run-program.ts';

const SOURCES = ['web', 'contract', 'package-lock.json'];
const LEFT_OUT = new Set(['dist', 'node_modules']);
const STAMP = '.sources';

/** In: the clone. Out: whether a build was needed. Waits: for a build that is going on. Throws: Refusal. */
export async function ensureWebBuild(root: string, signal: AbortSignal): Promise<boolean> {
  const dist = path.join(root, 'web', 'dist');
  // An installation without the sources brings the built dashboard along.
  if (!existsSync(path.join(root, 'web', 'vite.config.ts')) && existsSync(path.join(dist, 'index.html'))) return false;
  const hash = hashOfSources(root);
  if (isBuilt(dist, hash)) return false;
  const release = await waitForFileLock(path.join(root, 'node_modules', '.gimo-web-build'), () => {}, signal);
  try {
    if (isBuilt(dist, hash)) return false;
    await build(root, signal);
    writeFileSync(path.join(dist, STAMP), hash);
    return true;
  } finally {
    release();
  }
}

function isBuilt(dist: string, hash: string): boolean {
  const stamp = path.join(dist, STAMP);
  return existsSync(path.join(dist, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
}

async function build(root: string, signal: AbortSignal): Promise<void> {
  const argv = [path.join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'];
  const { code, output } = await runProgram(process.execPath, argv, { cwd: root, env: { ...process.env, NO_COLOR: '1' }, signal });
  signal.throwIfAborted();
  if (code !== 0) throw buildFailure(output);
}

/** One sentence; the whole output is its cause. */
function buildFailure(output: string): Refusal {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .filter((text) => /\S/.test(text) && !/:$|^\s*(?:at |errors: )/.test(text));
  const line = lines.find((text) => /\[[A-Z_]+\]|error/i.test(text)) ?? lines.at(-1) ?? 'vite said nothing';
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
