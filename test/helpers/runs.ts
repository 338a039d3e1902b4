import type { Approved, Draft, Run } from '#contract/objects.ts';
import { TOKENS, type TestApp } from './app.ts';

const PLAN = {
  version: 1,
  title: 'Two steps',
  nodes: [
    { id: 'a', kind: 'noop' },
    { id: 'b', kind: 'noop', needs: ['a'] },
  ],
};

/** Drafts and approves a small plan. In: the token that approves. */
export async function approvePlan(t: TestApp, token: string = TOKENS.admin): Promise<Approved> {
  const draft = await t.post<Draft>('/ops/drafts', { plan: PLAN });
  const body = { hash: draft.body.hash };
  const answer = await t.ask<{ approved: Approved }>('POST', `/ops/drafts/${draft.body.id}/approve`, { token, body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.approved;
}

/** A run that waits for its worker. */
export async function startRun(t: TestApp): Promise<Run> {
  const approved = await approvePlan(t);
  return (await t.post<Run>('/ops/runs', { approved_id: approved.id })).body;
}
