/** `npm run test:security`: the tests below test/security/. With `-- --deep` in their full number of rounds; other arguments are vitest's. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.dirname(import.meta.dirname);
const given = process.argv.slice(2);
const argv = given.filter((argument) => argument !== '--deep');
const env = { ...process.env, ...(given.length === argv.length ? {} : { GIMO_TEST_DEEP: '1' }) };
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'test/security/', ...argv];
const { status } = spawnSync(process.execPath, vitest, { cwd: ROOT, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
