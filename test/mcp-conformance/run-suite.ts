/** Runs the official conformance suite of the protocol against an address and reads what it found. */
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from '#contract/zod.ts';

const SUITE = path.resolve(import.meta.dirname, '../../node_modules/@modelcontextprotocol/conformance/dist/index.js');
const Checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));
const FAILING = new Set(['FAILURE', 'WARNING']);

/** For a machine under load; the suite's own limit is half a minute. */
const SCENARIO_MS = 120_000;

/** What one scenario found. `failed`: what the suite says of each check that failed, or that it only recommends. */
export type Findings = { checks: number; failed: Record<string, string> };

/**
 * In: the address, the revision whose requirements are asked for, and which checks may fail. Out: by scenario.
 * The suite gives up on a request after some seconds, also on a machine that is busy: what fails without a reason is asked once more.
 */
export async function runSuite(
  url: string,
  revision: string,
  mayFail: (scenario: string, check: string) => boolean,
): Promise<Map<string, Findings>> {
  const all = await ask(url, ['--requirements', revision]);
  for (const [scenario, { failed }] of all) {
    if (Object.keys(failed).every((check) => mayFail(scenario, check))) continue;
    const again = (await ask(url, ['--scenario', scenario, '--spec-version', revision])).get(scenario);
    if (again !== undefined) all.set(scenario, again);
  }
  return all;
}

async function ask(url: string, what: string[]): Promise<Map<string, Findings>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'gimo-conformance-'));
  try {
    // It ends with 1 for every failure; which are expected is the caller's matter.
    const args = [SUITE, 'server', '--url', url, ...what, '--timeout', String(SCENARIO_MS), '-o', dir];
    await promisify(execFile)(process.execPath, args, { cwd: dir }).catch(() => undefined);
    return findingsIn(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function findingsIn(dir: string): Map<string, Findings> {
  const all = new Map<string, Findings>();
  for (const file of globSync('*/checks.json', { cwd: dir })) {
    const scenario = path.dirname(file).replace(/^server-(.+)-\d{4}-\d\d-\d\dT.*$/, '$1');
    const checks = Checks.parse(JSON.parse(readFileSync(path.join(dir, file), 'utf8')));
    const failed = checks.filter(({ status }) => FAILING.has(status));
    all.set(scenario, { checks: checks.length, failed: Object.fromEntries(failed.map(({ id, errorMessage = '' }) => [id, errorMessage])) });
  }
  return all;
}

/** The names of a set of requirements, those that do not count for the verdict too. */
export function requiredScenarios(revision: string): string[] {
  const text = readFileSync(path.resolve(SUITE, `../../requirements/${revision}.yaml`), 'utf8');
  const server = /^server:\n((?: {2}- .*\n)+)/m.exec(text)?.[1] ?? '';
  return server.match(/[\w-]+(?=\n)/g) ?? [];
}
