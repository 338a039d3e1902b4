/** The official conformance suite, on the door that GIMO's own tools are behind: same address checks, credentials, limits and choice of era. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS, type TestAppOptions } from '../helpers/app.ts';
import { startListeningApp, type ListeningApp } from '../helpers/mcp.ts';
import { createFixtureServer } from '../mcp-conformance/fixture-server.ts';
import { requiredScenarios, runSuite } from '../mcp-conformance/run-suite.ts';

/** What is not met, and why. Everything in it belongs to extensions, to what is recommended only, or to what GIMO does not offer. */
const EXCEPTIONS: Record<string, Record<string, string>> = {
  '2026-07-28': {
    'sep-2663-tasks-get-status-failed': 'a run never breaks the protocol: a failed run is a completed task whose result says so',
    'tasks-mrtr-tasks-update-resumes': 'an answer is a decision in words that GIMO asked for, given no faster than a person reads',
    'tasks-mrtr-partial-fulfillment': 'as above',
    'sep-2663-server-returns-missing-capability-when-required': 'no tool needs a client with tasks: without them it answers at once',
  },
  '2025-11-25': {
    'resources-subscribe': 'resources are read anew at each request and not watched',
    'resources-unsubscribe': 'as above',
    'server-sse-priming-event': 'recommended: answers are not replayed, a call that broke off is asked for by its run',
    'server-sse-retry-field': 'as above',
  },
};
/** What a revision requires and GIMO leaves out; of 2026-07-28 nothing: its exceptions are checks of an extension. */
const REQUIRED_BUT_UNMET: Record<string, string[]> = { '2025-11-25': ['resources-subscribe', 'resources-unsubscribe'] };
/** What the suite asks of any server, whatever its tools. */
const OF_ANY_SERVER: Record<string, string[]> = {
  '2026-07-28': [
    'tools-list',
    'resources-list',
    'prompts-list',
    'caching',
    'sep-2164-resource-not-found',
    'dns-rebinding-protection',
    'http-header-validation',
    'input-required-result-unsupported-methods',
  ],
  '2025-11-25': [
    'server-initialize',
    'ping',
    'tools-list',
    'resources-list',
    'prompts-list',
    'dns-rebinding-protection',
    'server-session-lifecycle',
  ],
};
/** Says the same figures and exceptions. */
const MCP_DOC = readFileSync(path.resolve(import.meta.dirname, '../../docs/mcp.md'), 'utf8');
const LONG_MS = 400_000;

/** The suite sends no credential: the socket adds one, and everything behind it is as it always is. */
async function start(options: TestAppOptions): Promise<ListeningApp> {
  const t = await startListeningApp(options);
  t.app.server.prependListener('request', ({ headers }: { headers: Record<string, string | undefined> }) => {
    headers['authorization'] ??= `Bearer ${TOKENS.admin}`;
  });
  return t;
}

let fixtures: ListeningApp;
let product: ListeningApp;
beforeAll(async () => {
  fixtures = await start({ makeMcp: createFixtureServer });
  product = await start({});
});
afterAll(() => Promise.all([fixtures.close(), product.close()]).then(() => undefined));

// verifies: ARC-1b
describe.each(['2026-07-28', '2025-11-25'])('the requirements of the revision %s', { timeout: LONG_MS }, (revision) => {
  it('are met, but for the exceptions that are listed with their reasons', async ({ annotate }) => {
    const reasons = EXCEPTIONS[revision] ?? {};
    const found = await runSuite(`${fixtures.url}/mcp`, revision, (_scenario, check) => Object.hasOwn(reasons, check));
    expect([...found.keys()]).toEqual(expect.arrayContaining(requiredScenarios(revision)));
    const failed = [...found.values()].flatMap((findings) => Object.entries(findings.failed));
    const clean = [...found.values()].filter((findings) => Object.keys(findings.failed).length === 0).length;
    const checks = [...found.values()].reduce((sum, findings) => sum + findings.checks, 0);
    const unmet = requiredScenarios(revision).filter((scenario) => Object.keys(found.get(scenario)?.failed ?? {}).length > 0);
    await annotate(
      `${revision}: ${requiredScenarios(revision).length - unmet.length} of ${requiredScenarios(revision).length} required scenarios pass as a whole`,
    );
    expect(unmet).toEqual(REQUIRED_BUT_UNMET[revision] ?? []);
    await annotate(`${revision}: ${clean} of ${found.size} scenarios pass as a whole, ${checks} checks, ${failed.length} of them not met`);
    expect(MCP_DOC).toContain(`${clean} of the ${found.size} scenarios of ${revision}`);
    for (const id of Object.keys(reasons)) expect(MCP_DOC).toContain(`\`${id}\``);
    expect(failed.filter(([id]) => !Object.hasOwn(reasons, id))).toEqual([]);
    expect(failed.map(([id]) => id).toSorted()).toEqual(Object.keys(reasons).toSorted());
  });

  it("are met by GIMO's own tools as far as they do not ask for certain tools", async () => {
    const scenarios = OF_ANY_SERVER[revision] ?? [];
    const found = await runSuite(`${product.url}/mcp`, revision, (scenario) => !scenarios.includes(scenario));
    const asked = scenarios.map((scenario) => [scenario, found.get(scenario)?.failed ?? 'was not run']);
    expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(asked.map(([scenario]) => [scenario, {}])));
  });
});
