import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type BundleOptions } from '@temporalio/worker';

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = ['contract', 'workflows'];

const CONTRACT_IMPORT = /from '#(contract\/[\w/-]+\.ts)'/g;
const MODULE_CACHE = 'globalThis.__webpack_module_cache__;';
/**
 * What all runs share is evaluated once in each thread; for each run it took most of the time that a run needs to come up
 * (30 of 35 ms, measured). The SDK freezes shared modules as deep as it can reach, and zod's schemas, which grow when they are
 * first used, would fail. It leaves alone what is frozen already, so their records are frozen here and what they export is not.
 * Nothing in them may remember a run: `test/architecture.test.ts` sees to it.
 */
const SHARING = `
const shared = [];
let isPreloading = false;
const noting = (cache) =>
  new Proxy(cache, { set: (target, id, module) => ((target[id] = module), isPreloading && shared.push(module), true) });
`;
const SHARE = `
const { preloadModules } = __TEMPORAL__;
__TEMPORAL__.preloadModules = () => {
  isPreloading = true;
  preloadModules();
  isPreloading = false;
  for (const module of shared.splice(0)) Object.freeze(module);
};
`;
const SOURCE_MAP_MARK = '\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,';
const NO_TRACES = 'Error.stackTraceLimit = 0;\n';
/**
 * Globals that are the same objects for every run. In a context of `node:vm` each look-up of a global leaves V8 for Node's
 * interceptor (0.5 µs more, measured); a parameter is a look-up like any other. What the SDK replaces for each run (Date,
 * timers, WeakRef) is not among them.
 */
const GLOBALS = [
  'Object Array JSON Math Map Set WeakMap WeakSet String Number Boolean Symbol BigInt Promise Proxy Reflect RegExp',
  'Error TypeError RangeError SyntaxError ReferenceError ArrayBuffer DataView Uint8Array Uint32Array BigUint64Array',
  'parseInt parseFloat isNaN isFinite',
]
  .join(' ')
  .replaceAll(' ', ', ');
const EMPTY_MAP = Buffer.from('{"version":3,"sources":[],"names":[],"mappings":""}').toString('base64');

async function* files(dir: string): AsyncGenerator<string> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) yield full;
  }
}

/** SHA-256 over the sources, the lock file and the way it is built: the name of the bundle in the cache. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(ROOT, 'package-lock.json')));
  hash.update(await readFile(fileURLToPath(import.meta.url)));
  for (const folder of SOURCES) {
    for await (const file of files(path.join(ROOT, folder))) hash.update(path.relative(ROOT, file)).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 24);
}

/**
 * The code of the workflows as one file, made with Temporal's bundler. The SDK takes a stack trace of every promise that a
 * workflow makes and looks its places up, which costs more than a short node does: so there are none, and errors name
 * what failed in their text.
 */
export async function buildBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(ROOT, 'workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: forThisNode,
    preloadModules: await importedFromContract(),
  });
  const [text = ''] = code.split('\n//# sourceMappingURL=');
  if (!text.includes(MODULE_CACHE)) throw new Error(`The bundle has no ${MODULE_CACHE}`);
  const body = `${SHARING}${text.replace(MODULE_CACHE, `noting(${MODULE_CACHE.slice(0, -1)});`)}${SHARE}`;
  return `${NO_TRACES}var __TEMPORAL__ = (function (${GLOBALS}) {\n${body}\nreturn __TEMPORAL__;\n})(${GLOBALS});${SOURCE_MAP_MARK}${EMPTY_MAP}\n`;
}

async function importedFromContract(): Promise<string[]> {
  const found = new Set<string>();
  for await (const file of files(path.join(ROOT, 'workflows')))
    for (const [, name = ''] of (await readFile(file, 'utf8')).matchAll(CONTRACT_IMPORT)) found.add(path.join(ROOT, name));
  return [...found].sort();
}

/** The SDK's own setting is for Node of years ago: private fields and spreads would become slow helpers. */
function forThisNode(config: WebpackConfig): WebpackConfig {
  for (const rule of config.module?.rules ?? []) {
    const use = typeof rule === 'object' && rule !== null ? rule.use : null;
    if (typeof use !== 'object' || use === null || !('options' in use)) continue;
    Object.assign(use, { options: { jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } } } });
  }
  return config;
}

/** Where the bundle of the sources at hand is; made when it is not there yet, which takes a few seconds. */
export async function bundlePath(): Promise<string> {
  const dir = path.join(ROOT, 'node_modules/.cache/gimo');
  const file = path.join(dir, `workflows-${await sourceHash()}.cjs`);
  if (existsSync(file)) return file;
  await mkdir(dir, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, await buildBundle());
  await rename(temporary, file);
  for (const other of await readdir(dir))
    if (other.endsWith('.cjs') && other !== path.basename(file)) await rm(path.join(dir, other), { force: true });
  return file;
}
