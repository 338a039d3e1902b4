/** The official inspector from a draft to the result of its run, which it follows as a task of the protocol. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Draft, Packet, Run } from '#contract/objects.ts';
import { inspect, INSPECTED, type Inspected } from '../helpers/inspector.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

const PLAN = {
  version: 1,
  title: 'From the inspector',
  nodes: [
    { id: 'one', kind: 'noop', with: { value: 20 } },
    { id: 'nap', kind: 'wait', needs: ['one'], with: { ms: 1500 } },
    { id: 'two', kind: 'transform', needs: ['nap'], with: { expr: 'nodes.one.output + 22' } },
  ],
  outputs: { answer: 'nodes.two.output' },
};

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

const asks = (...options: string[]): Promise<Inspected> =>
  inspect({ url: stack.url, token: stack.tokens.admin, way: 'http', era: 'modern' }, options);
const calls = (name: string, args: object): Promise<Inspected> =>
  asks('--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));

// verifies: CARD-7, MA-2
it('drafts, is refused to approve, sees what a person approved, follows the run as a task, and reads its result', async () => {
  const made = await calls('create_draft', { plan: PLAN });
  expect(made.code, JSON.stringify(made)).toBe(INSPECTED.ok);
  const draftId = /d_[0-9A-Z]{26}/.exec(JSON.stringify(made.out))?.[0] ?? '';
  const { hash } = await stack.admin.get<Packet>(`/ops/drafts/${draftId}/packet`);
  const refused = await calls('gimo_write_operation', { operation: 'drafts_approve', params: { id: draftId }, body: { hash } });
  expect([refused.code, JSON.stringify(refused)]).toEqual([INSPECTED.toolError, expect.stringContaining('left to a person')]);

  await stack.admin.post(`/ops/drafts/${draftId}/approve`, { hash });
  const { approved_id: approvedId } = await stack.admin.get<Draft>(`/ops/drafts/${draftId}`);
  expect(JSON.stringify((await calls('get_draft', { draft_id: draftId })).out)).toContain(approvedId);

  // The inspector asks for the task until the run has ended, and prints what it came to.
  const ended = await calls('create_run', { approved_id: approvedId });
  expect(ended.code, ended.stderr).toBe(INSPECTED.ok);
  const [run] = await stack.operator.get<Run[]>('/ops/runs');
  expect(run).toMatchObject({ status: 'done', outputs: { answer: 42 } });
  expect(JSON.stringify(ended.out)).toMatch(new RegExp(`${run?.id}.*42|42.*${run?.id}`, 's'));
});
