/** The registry of agents. */
import type { Agent, AgentCreate, AgentUpdate } from '#contract/agents.ts';
import { GimoError } from '#contract/errors.ts';
import type { z } from '#contract/zod.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import type { PageRequest } from './drafts.ts';
import { newId } from './ids.ts';

const MAX_AGENTS = 1000;

export async function listAgents(core: Core, page: PageRequest): Promise<{ agents: Agent[]; next: string | null }> {
  const { records, cursor } = await core.gics.list<Agent>('agents', page);
  return { agents: records.map(({ value }) => value), next: cursor };
}

async function loadAgent(core: Core, id: string): Promise<{ value: Agent; rev: number }> {
  const record = await core.gics.get<Agent>('agents', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no agent ${id}.` });
  return record;
}

/** Throws: NOT_FOUND. */
export async function getAgent(core: Core, id: string): Promise<Agent> {
  return (await loadAgent(core, id)).value;
}

/** Throws: CONFLICT when the name is taken. */
export async function createAgent(core: Core, call: Call, body: z.output<typeof AgentCreate>): Promise<Agent> {
  const now = new Date().toISOString();
  const made = { created_at: now, created_by: call.actor.label, updated_at: now };
  const agent: Agent = { ...body, id: newId('agent'), retired: false, outcomes: { done: 0, error: 0, cancelled: 0 }, ...made };
  const work = commit(core, call, {
    ops: [
      { op: 'check_count', collection: 'agents', where: { name: body.name }, below: 1 },
      { op: 'check_count', collection: 'agents', below: MAX_AGENTS },
      { op: 'put', collection: 'agents', id: agent.id, value: asJson(agent), rev: 0 },
    ],
    object: agent.id,
    detail: { name: agent.name, trust_level: agent.trust_level },
    answer: { status: 201, body: agent },
  });
  await orOnConflict(work, () => {
    throw new GimoError('CONFLICT', { message: `There is an agent \`${body.name}\` already, or there are ${MAX_AGENTS} of them.` });
  });
  return agent;
}

/** Throws: NOT_FOUND, CONFLICT. */
export async function updateAgent(core: Core, call: Call, id: string, update: z.output<typeof AgentUpdate>): Promise<Agent> {
  const { value, rev } = await loadAgent(core, id);
  const next = { ...value, ...update, updated_at: new Date().toISOString() };
  const work = commit(core, call, {
    ops: [{ op: 'put', collection: 'agents', id, value: asJson(next), rev }],
    object: id,
    detail: { name: value.name, before: value.trust_level, trust_level: next.trust_level, retired: next.retired },
    answer: { status: 200, body: next },
  });
  await orOnConflict(work, () => {
    throw new GimoError('CONFLICT');
  });
  return next;
}
