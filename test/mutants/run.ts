/**
 * `npm run test:mutants [-- WORD…]`: breaks the code line by line, in a copy of the tree, and says which break no test noticed. Before, the same
 * tests must be green there, so that a red one is the break's doing. Ends with 1 for a survivor, and for a break whose line is gone.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from '#contract/zod.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { breakLine } from './break-line.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** A test that does not end because of the break has noticed it. */
const LIMIT_MS = 180_000;
const ReportSchema = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
});

type Seen = { passed: string[]; failed: string[]; isLate: boolean; output: string };

/** What git knows or would add: the tree as it is, without what was built. */
function copyTree(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-mutants-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of new Set(files.split('\0'))) {
    if (file === '') continue;
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    cpSync(path.join(ROOT, file), path.join(dir, file), { force: true });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'));
  return dir;
}

function runTests(dir: string, files: readonly string[], names: readonly string[]): Seen {
  const report = path.join(dir, 'mutants-report.json');
  rmSync(report, { force: true });
  const pattern = names.map((name) => name.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join('|');
  const argv = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'unit',
    ...files,
    '-t',
    pattern,
    '--reporter=json',
    `--outputFile=${report}`,
  ];
  try {
    execFileSync(process.execPath, argv, { cwd: dir, stdio: 'pipe', timeout: LIMIT_MS, killSignal: 'SIGKILL' });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    if (code === 'ETIMEDOUT') return { passed: [], failed: [], isLate: true, output: '' };
    return { ...readReport(report), isLate: false, output: stderr?.toString() ?? '' };
  }
  return { ...readReport(report), isLate: false, output: '' };
}

function readReport(report: string): Pick<Seen, 'passed' | 'failed'> {
  try {
    const { testResults } = ReportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
    const results = testResults.flatMap(({ assertionResults }) => assertionResults);
    const having = (status: string): string[] => results.filter((result) => result.status === status).map(({ fullName }) => fullName);
    return { passed: having('passed'), failed: having('failed') };
  } catch {
    return { passed: [], failed: [] }; // vitest did not get as far as that
  }
}

/** Null when the break was noticed, else what is wrong. */
function faultOf(dir: string, mutant: Mutant): string | null {
  const file = path.join(dir, mutant.file);
  const text = readFileSync(file, 'utf8');
  const broken = breakLine(text, mutant);
  if (broken === null) return `the line is not in ${mutant.file} any more: say what breaks the promise now`;
  writeFileSync(file, broken);
  try {
    const { passed, failed, isLate, output } = runTests(dir, [mutant.test], [mutant.name]);
    if (isLate || failed.some((name) => name.includes(mutant.name))) return null;
    if (passed.length > 0) return 'SURVIVED: no test noticed';
    return `the broken file could not even be loaded, which tells nothing:\n${output.slice(-800)}`;
  } finally {
    writeFileSync(file, text);
  }
}

const words = process.argv.slice(2);
const chosen = MUTANTS.filter(({ promise, says, file }) => words.every((word) => `${promise} ${says} ${file}`.includes(word)));
const dir = copyTree();
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const tests = [...new Set(chosen.map(({ test }) => test))];
const before = runTests(dir, tests, [...new Set(chosen.map(({ name }) => name))]);
const notGreen = chosen.filter(
  ({ name }) => before.failed.some((test) => test.includes(name)) || !before.passed.some((test) => test.includes(name)),
);
for (const { test, name } of notGreen) console.log(`✗ without any break, \`${name}\` of ${test} does not pass, or there is no such test`);
const faults = notGreen.length > 0 ? notGreen.length : chosen.filter((mutant) => !isNoticed(mutant)).length;
console.log(`${chosen.length - faults} of ${chosen.length} breaks were noticed`);
process.exitCode = faults === 0 && chosen.length > 0 ? 0 : 1;

function isNoticed(mutant: Mutant): boolean {
  const startedAt = performance.now();
  const fault = faultOf(dir, mutant);
  const time = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  console.log(`${fault === null ? '✓' : '✗'} ${mutant.promise} ${mutant.says} (${time})${fault === null ? '' : `: ${fault}`}`);
  return fault === null;
}
