/** `gimo verify` on a real data directory, whether its store runs or not. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureKeys } from '#platform/keys.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { gimo } from './test-api.ts';

let store: TestGics;
const verify = () => gimo(['verify', '--data', store.paths.data, '--json']);
beforeAll(async () => {
  store = await startGics();
  ensureKeys(store.paths);
  await store.gics.txn([{ op: 'append', stream: 'audit', items: [{ data: { action: 'test.began' } }] }]);
});
afterAll(() => store.close());

it('the evidence is checked in the store that runs, and in one that does not, which is closed again', async () => {
  const running = await verify();
  expect(running).toMatchObject({ code: 0 });
  await store.kill();
  const stopped = await verify();
  expect(stopped, stopped.stderr).toMatchObject({ code: 0, stdout: running.stdout });
  expect(JSON.parse(stopped.stdout)).toMatchObject({ ok: true, checks: expect.arrayContaining([expect.objectContaining({ count: 1 })]) });
  // It holds the lock of the directory, which a store that was left behind would keep.
  await store.restart();
  expect(await store.gics.info('audit')).toMatchObject({ last: 1 });
});

it('a store that cannot be opened is named with its reason', async () => {
  await store.kill();
  rmSync(store.paths.gics, { recursive: true, force: true });
  const none = await verify();
  expect(none).toMatchObject({ code: 6 });
  expect(none.stderr).toContain(`There is no store in ${store.paths.data}: name the data directory of an instance with --data.`);
  await store.restart();
});
