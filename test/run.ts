/** `npm test`: every check there is. The last line is `N passed, N failed`; the exit code is 1 when anything failed. */
import { readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureWebBuild } from '#supervisor/web-build.ts';
import { haveBrowser } from './helpers/browser.ts';
import { setup as setupTemporal } from './helpers/have-temporal.ts';
import { CountedSteps, nodeStep, runNode, type StepResult } from './counted-steps.ts';
import { vitestStep } from './vitest-step.ts';

const ROOT = path.dirname(import.meta.dirname);
const { values } = parseArgs({ options: { quick: { type: 'boolean' } } });
const stopping = new AbortController();
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const steps = new CountedSteps((line) => console.log(line));
await steps.run('types', checkTypes);
await steps.run('lint', () => nodeStep(ROOT, ['node_modules/oxlint/bin/oxlint', '--type-aware', '.']));
await steps.run('format', () => nodeStep(ROOT, ['node_modules/oxfmt/bin/oxfmt', '--check', '.']));
await steps.run('unused code', () => nodeStep(ROOT, ['node_modules/knip/bin/knip.js', '--no-progress']));
await steps.run('unit tests', () => vitestStep(ROOT, 'unit'));
await steps.run('dashboard build', buildDashboard);
if (values.quick !== true && (await steps.run('temporal', haveTemporal))) {
  haveBrowser();
  await steps.run('integration tests', () => vitestStep(ROOT, 'integration'));
  await steps.run('crash tests', () => vitestStep(ROOT, 'crash'));
}
const { passed, failed } = steps.total;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** One tsconfig for each runtime: Node in the root, and the folders that have less or something else. Two are checked at once. */
async function checkTypes(): Promise<StepResult> {
  const runtimes = ['.', ...readdirSync(ROOT)].filter((name) => existsSync(path.join(ROOT, name, 'tsconfig.json')));
  const outputs: string[] = [];
  const next = async (): Promise<void> => {
    for (let runtime = runtimes.shift(); runtime !== undefined; runtime = runtimes.shift()) {
      const { code, output } = await runNode(ROOT, ['node_modules/typescript/bin/tsc', '-p', runtime]);
      if (code !== 0) outputs.push(output);
    }
  };
  await Promise.all([next(), next()]);
  return { passed: outputs.length === 0 ? 1 : 0, failed: outputs.length === 0 ? 0 : 1, output: outputs.join('\n') };
}

async function buildDashboard(): Promise<StepResult> {
  await ensureWebBuild(ROOT, stopping.signal);
  return { passed: 1, failed: 0, output: '' };
}

async function haveTemporal(): Promise<StepResult> {
  await setupTemporal();
  return { passed: 1, failed: 0, output: '' };
}
