/** `npm ci` when node_modules is missing or not what package-lock.json says. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withInstallLock } from './install-lock.mjs';

const PROGRESS_EVERY_MS = 10_000;
const SHOWN_LINES = 12;

/** In: the folder with package-lock.json. Waits: for an install that is already going on. Throws: a sentence with npm's own words. */
export async function ensurePackages(root) {
  const wanted = lockHash(root);
  if (readStamp(root) === wanted) return;
  await withInstallLock(root, async () => {
    if (readStamp(root) === wanted) return;
    if (!isInstalled(root)) await install(root);
    mkdirSync(path.dirname(stampFile(root)), { recursive: true });
    writeFileSync(stampFile(root), `${wanted}\n`);
  });
}

/** Changes with the lock file and with the machine's kind, since packages hold programs for it. */
function lockHash(root) {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
}

const stampFile = (root) => path.join(root, 'node_modules', '.gimo-lock');

function readStamp(root) {
  return existsSync(stampFile(root)) ? readFileSync(stampFile(root), 'utf8').trim() : null;
}

/** Whether somebody ran npm by hand and it put there exactly what the lock file asks for. */
function isInstalled(root) {
  const hidden = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const isPresent = ([name, entry]) => name === '' || entry.optional === true || present[name]?.version === entry.version;
  const isWanted = ([name, entry]) => wanted[name]?.version === entry.version;
  return Object.entries(wanted).every(isPresent) && Object.entries(present).every(isWanted);
}

async function install(root) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  process.stderr.write('… installing the packages of this clone, about a minute the first time\n');
  const timer = setInterval(() => process.stderr.write(`… installing, ${seconds()} s\n`), PROGRESS_EVERY_MS);
  try {
    await npmCi(root);
  } finally {
    clearInterval(timer);
  }
  process.stderr.write(`✓ packages installed ${seconds()} s\n`);
}

function npmCi(root) {
  const argv = ['ci', '--loglevel=error', '--no-fund', '--no-audit', '--no-progress'];
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', argv, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    npm.stderr.on('data', (chunk) => (words += chunk));
    npm.on('error', () => reject(new Error('npm was not found: install Node 20 or later together with npm, and try again.')));
    npm.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`The packages could not be installed (npm ci ended with ${code}):\n${withoutUsage(words)}`)),
    );
  });
}

/** npm adds its manual to some errors; the first lines say what is wrong. */
function withoutUsage(words) {
  const lines = words.split('\n').map((line) => line.replace(/^npm (?:error|warn) ?/, ''));
  const manual = lines.findIndex((line) => line.startsWith('Clean install a project'));
  const told = (manual === -1 ? lines : lines.slice(0, manual)).filter((line) => line.trim() !== '');
  return told.slice(0, SHOWN_LINES).join('\n');
}
