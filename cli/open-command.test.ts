import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Draft, Run } from '#contract/objects.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { openGateOf, startRunOf } from '#test/helpers/gate.ts';
import { startListeningApp, type ListeningApp } from '#test/helpers/mcp.ts';
import { gimo } from './test-api.ts';

const PLAN = { version: 1, title: 'Asks', nodes: [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }] };

let t: ListeningApp;
beforeAll(async () => void (t = await startListeningApp()));
afterAll(() => t.close());

const open = (id: string) => gimo(['open', id, '--print', '--url', t.url, '--token', TOKENS.operator, '--data', t.store.paths.data]);

it('opens the page of a draft, of what it became, of a run and of the run that asks a gate', async () => {
  const { body: draft } = await t.post<Draft>('/ops/drafts', { plan: PLAN });
  const run: Run = await startRunOf(t, PLAN);
  const gate = await openGateOf(t, run);
  const opened = await Promise.all([draft.id, run.approved_id, run.id, gate.id].map(open));
  const pages = [`/plans/${draft.id}`, `/approved/${run.approved_id}`, `/runs/${run.id}`, `/runs/${run.id}`];
  expect(opened).toEqual(pages.map((page) => ({ code: 0, stdout: `${t.url}${page}\n`, stderr: '' })));
});

it('says of anything else that it has no page, and of an id that is not there that it is not', async () => {
  expect(await open('plans')).toMatchObject({ code: 2, stderr: expect.stringContaining('`plans` has no page: give the id of a run') });
  expect(await open('d_01J8ZC5V3N9Q2T4W6Y8B0D2F4H')).toMatchObject({ code: 4, stdout: '' });
});
