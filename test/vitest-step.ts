import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from '#contract/zod.ts';
import { runNode, type Counts, type StepResult } from './counted-steps.ts';

const ReportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/** Runs one vitest project. Out: its tests; a file that could not even be loaded counts as one failure. */
export async function vitestStep(root: string, project: string): Promise<StepResult> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-vitest-'));
  const report = path.join(dir, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const argv = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--passWithNoTests', ...reporters];
    const { code, output } = await runNode(root, argv);
    const counts = countReport(JSON.parse(readFileSync(report, 'utf8')));
    // Errors outside of any test (an unhandled rejection) only show in the exit code.
    const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
    return { passed: counts.passed, failed, output };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** In: vitest's JSON report. */
export function countReport(json: unknown): Counts {
  const report = ReportSchema.parse(json);
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}
