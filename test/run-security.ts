/**
 * `npm run test:security`: every test of what is promised about attackers, in all three projects. With `-- --deep` in their full number of
 * rounds; other arguments are vitest's. The exit code is 1 when any failed.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { haveBrowser } from './helpers/browser.ts';

const ROOT = path.dirname(import.meta.dirname);
const given = process.argv.slice(2);
const isDeep = given.includes('--deep');
const more = given.filter((argument) => argument !== '--deep');
const env = {
  ...process.env,
  GIMO_KILLS: isDeep ? '200' : '20',
  ...(isDeep ? { GIMO_TEST_DEEP: '1' } : {}),
};

const INTEGRATION = [
  'attacks-temporal',
  'canaries',
  'fence',
  'gics-crash',
  'labels',
  'obedient',
  'patch',
  'process',
  'revocation',
  'security',
  'spawn',
  'web-hostile',
  'workspace-attacks',
];
const SUITES: [project: string, files: string[]][] = [
  ['unit', ['test/security/', 'platform/redact']],
  ['integration', INTEGRATION.map((name) => `test/integration/${name}`)],
  ['crash', ['failpoints', 'kill', 'lost'].map((name) => `test/crash/${name}`)],
];

haveBrowser();
let failed = 0;
for (const [project, files] of SUITES) {
  const argv = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...files, ...more];
  const { status } = spawnSync(process.execPath, argv, { cwd: ROOT, env, stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
