/** Work that is handed to agents: the runs that hand it on, and those that do it. */
import type { Agent } from '#contract/agents.ts';
import type { Delegated } from '#contract/routes/agents.ts';
import type { Run } from '#contract/objects.ts';
import { until } from '../helpers/until.ts';
import { ask, value, type Act, type Tools } from './scene.ts';

const WIDE = {
  kinds: ['llm', 'value', 'gate', 'delegate', 'process'],
  models: ['*/*'],
  tools: ['agent/*'],
  paths: { read: ['**'] },
  max_nodes: 20,
};

const register = (t: Tools, name: string): Promise<Agent> =>
  t.stack.admin.post<Agent>('/ops/agents', { name, trust_level: 'limited' }, 201);
const delegates = (agent: string, more: object = {}): object => ({
  id: 'd',
  kind: 'delegate',
  needs: ['plan'],
  with: { agent, task: 'Say hello', ...more },
});

async function childOf(t: Tools, run: Run): Promise<string> {
  const where = { parent_run_id: run.id };
  return until(
    async () => {
      const { records } = await t.stack.gics.list('delegations', { where, limit: 1 });
      if (records[0] === undefined) throw new Error('no child yet');
      return records[0].id;
    },
    { timeout: 60_000 },
  );
}

export const DELEGATION_SCENES: Record<string, Act> = {
  delegate: async (t) => {
    await register(t, 'greeter');
    const envelope = { ...WIDE, commands: [] };
    const says = await t.start([value('plan', null), delegates('greeter')], { envelope });
    const process = { id: 'list', kind: 'process', with: { argv: ['git', 'ls-files'], idempotent: true } };
    const asks = await t.start([value('plan', [process]), delegates('greeter', { plan: 'nodes.plan.output' })], { envelope });
    await t.answer(await t.gate(asks, 'd'), 'approve');
    const ids = await t.end(says, asks);
    return [...ids, await childOf(t, says), await childOf(t, asks)];
  },
  'delegate-by-a-call': async (t) => {
    const agent = await register(t, 'helper');
    const run = await t.start([ask('open')], { envelope: WIDE });
    const open = await t.gate(run, 'open');
    const path = `/api/agent/${agent.id}/delegate`;
    const { run_id: done } = await t.stack.operator.post<Delegated>(path, { run_id: run.id, task: 'Say hello' }, 202);
    await t.stack.operator.ended(done);
    await t.answer(open, 'approve');
    const waits = await t.start([value('plan', [ask('sure')]), delegates('helper', { plan: 'nodes.plan.output' })], { envelope: WIDE });
    const child = await childOf(t, waits);
    await t.shows({ ...run, id: child }, 'sure', 'waiting');
    await t.stack.operator.post(`/ops/runs/${waits.id}/cancel`);
    await t.stack.operator.ended(child);
    return [...(await t.end(run, waits)), done, child];
  },
};
