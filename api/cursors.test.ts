import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROUTE_IDS, ROUTES } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { connectMcp, startListeningApp, type ListeningApp } from '#test/helpers/mcp.ts';

/** In a folder any name may be the one to go on behind. */
const PAGED = ROUTE_IDS.filter((id) => id !== 'tree' && (ROUTES[id] as Route).query?.shape['cursor'] !== undefined);
const PREFIXES: Record<string, string> = { runs: 'r', webhooks: 'w', agent: 'ag' };
const pathWithIds = ({ path }: Route): string =>
  path.replaceAll(/\{\w+\}/g, () => `${PREFIXES[path.split('/')[2] ?? ''] ?? 'd'}_01ARZ3NDEKTSV4RRFFQ69G5FAV`);

let t: ListeningApp;
beforeAll(async () => void (t = await startListeningApp()));
afterAll(() => t.close());

it.each(PAGED)('a cursor that no answer gave is no empty list: %s', async (id) => {
  const { status } = await t.get(`${pathWithIds(ROUTES[id])}?cursor=zzz`);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
});

it('an agent with such a cursor is not told that nothing waits', async () => {
  const client = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.admin });
  const answer = await client.call('list_gates', { cursor: 'zzz' });
  expect(answer).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^BAD_REQUEST[\s\S]*is not one that an answer gave/) }],
  });
  await client.close();
});
