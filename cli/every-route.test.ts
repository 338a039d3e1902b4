/** Walks the route table: what is typed for a row arrives at the API as that row's method and path. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ROUTE_IDS, ROUTES } from '#contract/routes/index.ts';
import { commandOf } from './command-table.ts';
import { createProgram } from './program.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let dir: string;
const arrived: string[] = [];
beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  api = await startTestApi(({ method, url, headers: { accept } }, response) => {
    arrived.push(`${method} ${url?.split('?')[0] ?? ''}`);
    // A stream that ends is opened again, one that does not exist is not.
    response.writeHead(accept === 'text/event-stream' ? 404 : 200, { 'content-type': 'application/json' }).end('[]');
  });
  dir = mkdtempSync(path.join(tmpdir(), 'gimo-routes-'));
  // Where nobody can be shown what is approved, its hash is given.
  writeFileSync(path.join(dir, 'body.json'), JSON.stringify({ hash: `sha256:${'0'.repeat(64)}` }));
});
afterAll(async () => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
  await api.close();
});

// verifies: PRIN-1
it.each(ROUTE_IDS)('%s is reached from the command line', async (id) => {
  const { group, verb, params, needsBody } = commandOf(id);
  const body = needsBody || verb === 'approve' ? ['--body', path.join(dir, 'body.json')] : [];
  arrived.length = 0;
  const typed = [...(group === null ? [] : [group]), verb, ...params.map((name) => `x-${name}`), ...body];
  await createProgram({})
    .parseAsync([...typed, '--json', '--url', api.url, '--token', 'a-token-by-hand'], { from: 'user' })
    .catch(() => undefined); // what it makes of an empty list is another matter
  const { method, path: template } = ROUTES[id];
  expect(arrived).toContain(`${method} ${template.replaceAll(/\{(\w+)\}/g, 'x-$1')}`);
});
