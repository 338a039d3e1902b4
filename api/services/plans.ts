/** Plans as they come in: checked as a whole before anything is stored. */
import { GimoError, type Fault } from '#contract/errors.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { allNodes, type Plan } from '#contract/plan.ts';
import { faultsSentence } from '#contract/plan-check.ts';
import type { Envelope } from '#contract/envelope.ts';
import type { Finding } from '#contract/objects.ts';
import { NODE_ID } from '#contract/ids.ts';
import type { Removed } from '#contract/sanitise.ts';
import type { Call, Core } from '../deps.ts';
import { defaultsOf } from '../pure/bind-inputs.ts';
import { asJson, commit } from './commit.ts';
import { readPlanFacts } from './packet.ts';

const TITLE_CHARS = 80;
const NODE_TITLE_CHARS = 200;

/** `removed`: what could not be seen in it, and was taken out. */
export type CheckedPlan = { plan: Plan; bytes: number; removed: Removed[] };

/** Throws: PLAN_INVALID with every fault. */
export async function requireValidPlan(core: Core, plan: Json, bodyBytes: number): Promise<CheckedPlan> {
  const { plan: valid, faults, bytes, removed } = await core.pure.run('checkPlan', { plan }, { sizeBytes: bodyBytes });
  if (valid !== null) return { plan: valid, bytes, removed };
  throw new GimoError('PLAN_INVALID', { message: faultsSentence(faults), faults });
}

/** A prompt is text: what looks like a reference in it stays what it is. */
const literal = (text: string): string => text.replaceAll('${{', "${{ '${{' }}");

function titleOf(prompt: string): string {
  const line =
    prompt
      .split('\n')
      .find((text) => text.trim() !== '')
      ?.trim() ?? 'Prompt';
  const chars = Array.from(line);
  return chars.length > TITLE_CHARS ? `${chars.slice(0, TITLE_CHARS - 1).join('')}…` : line;
}

/** The plan of a prompt alone: one call of a language model. */
export function promptPlan(prompt: string, provider: string): JsonObject {
  return { version: 1, title: titleOf(prompt), nodes: [{ id: 'answer', kind: 'llm', with: { prompt: literal(prompt), provider } }] };
}

export type Validation = { valid: boolean; faults: Fault[]; findings: Finding[]; envelope: Envelope | null };

/** Checks a plan; nothing is stored. */
export async function validate(core: Core, plan: Json, bodyBytes: number): Promise<Validation> {
  const checked = await core.pure.run('checkPlan', { plan }, { sizeBytes: bodyBytes });
  if (checked.plan === null) return { valid: false, faults: checked.faults, findings: [], envelope: null };
  const bound = Object.keys(defaultsOf(checked.plan.inputs));
  const facts = { ...(await readPlanFacts(core, checked.plan, bound)), removed: checked.removed };
  const { findings, envelope } = await core.pure.run('planFindings', { plan: checked.plan, facts }, { sizeBytes: bodyBytes });
  return { valid: true, faults: [], findings, envelope };
}

type PlanRecord = { id: string | null; title: string; status: string; plan: Plan; updated_at: string };
export type ActivePlan = {
  id: string | null;
  title: string | null;
  status: string;
  tasks: { id: string; title: string; kind: string; needs: string[]; status: string }[];
  plan: Plan | null;
  updated_at: string | null;
};
type Task = { id: string; title?: string; needs?: string[] };

function activePlan(record: PlanRecord | null): ActivePlan {
  if (record === null) return { id: null, title: null, status: 'none', tasks: [], plan: null, updated_at: null };
  const tasks = [...allNodes(record.plan.nodes)].map(({ node }) => ({
    id: node.id,
    title: node.title ?? node.id,
    kind: node.kind,
    needs: node.needs,
    status: 'pending',
  }));
  return { ...record, tasks };
}

export async function readActivePlan(core: Core): Promise<ActivePlan> {
  return activePlan((await core.gics.get<PlanRecord>('settings', 'plan'))?.value ?? null);
}

/** Ids of tasks are free text; those of nodes are names. */
function nodeId(id: string): string {
  if (NODE_ID.test(id)) return id;
  const name = id.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_');
  return /^[a-z]/.test(name) ? name : `t_${name}`;
}

function tasksPlan(title: string, tasks: Task[]): JsonObject {
  const nodes = tasks.map((task) => ({
    id: nodeId(task.id),
    kind: 'llm',
    title: (task.title ?? task.id).slice(0, NODE_TITLE_CHARS),
    needs: (task.needs ?? []).map(nodeId),
    with: { prompt: literal(task.title ?? task.id) },
  }));
  return { version: 1, title, nodes };
}

type PlanBody = { plan: Json } | { version: 1 } | { id?: string; title: string; status?: string; tasks: Task[] };

/** Takes a whole plan, or the short form of a title and tasks. Throws: PLAN_INVALID. */
export async function setActivePlan(core: Core, call: Call, body: PlanBody, bodyBytes: number): Promise<ActivePlan> {
  const short = 'tasks' in body ? body : null;
  const source: Json = short !== null ? tasksPlan(short.title, short.tasks) : 'plan' in body ? body.plan : asJson(body);
  const { plan } = await requireValidPlan(core, source, bodyBytes);
  const record: PlanRecord = {
    id: short?.id ?? null,
    title: plan.title,
    status: short?.status ?? 'active',
    plan,
    updated_at: new Date().toISOString(),
  };
  const answer = activePlan(record);
  const put = { op: 'put', collection: 'settings', id: 'plan', value: asJson(record) } as const;
  await commit(core, call, { ops: [put], object: 'plan', answer: { status: 200, body: answer } });
  return answer;
}
