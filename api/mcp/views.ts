/** What tools answer about the objects of GIMO: short, flat, and always with what can be done next. */
import { ID_PATTERNS } from '#contract/ids.ts';
import type { Approved, Draft, Gate, Run } from '#contract/objects.ts';
import { DRAFT_STATUSES, SEVERITIES } from '#contract/objects.ts';
import { isRunEnded, RUN_STATUSES } from '#contract/run-state.ts';
import { PrioritySchema } from '#contract/priority.ts';
import { z } from '#contract/zod.ts';
import type { Backend } from './backend.ts';

/** Values that are larger as JSON are linked or left to a page of their own. */
export const INLINE_BYTES = 16_000;

/** Of the outputs that are left out. */
const OUTPUTS_NAMED = 20;

export const Count = z.int().min(0);
const Text = z.string();
const Maybe = z.string().nullable();
const ErrorView = z.object({ code: Text, message: Text, hint: Text }).nullable();

export const DraftView = z.object({
  draft_id: Text,
  status: z.enum(DRAFT_STATUSES),
  title: Maybe,
  hash: Maybe,
  revision: z.int(),
  approved_id: Maybe,
  error: ErrorView,
  url: Text,
  next: Text,
});

export const RunView = z.object({
  run_id: Text,
  approved_id: Text,
  title: Text,
  status: z.enum(RUN_STATUSES),
  paused: z.boolean(),
  waiting: z.boolean(),
  priority: PrioritySchema,
  nodes: z.record(Text, Count),
  cost_usd: z.number().nullable(),
  error: ErrorView,
  outputs: z.record(Text, z.unknown()).nullable(),
  branch: Maybe,
  gates: z.array(Text),
  url: Text,
  next: Text,
});

export const ReceiptView = z.object({
  run_id: Text,
  asked_at: Text,
  asked_by: Text,
  confirmed_at: Maybe,
  nodes: z.array(z.object({ id: Text, was: Text, stopped: Text, processes_left: Count })),
  spent_after_usd: z.number().nullable(),
});

export const ApprovedView = z.object({
  approved_id: Text,
  title: Text,
  hash: Text,
  approved_by: Text,
  expires_at: Text,
  runs_left: Count,
  runnable: z.boolean(),
});

export const GateView = z.object({
  gate_id: Text,
  run_id: Text,
  node: Text,
  kind: Text,
  status: Text,
  title: Text,
  message: Text,
  risk: z.enum(SEVERITIES),
  hash: Text,
  url: Text,
});

export const pages = {
  draft: (backend: Backend, id: string): string => `${backend.url}/plans/${id}`,
  run: (backend: Backend, id: string): string => `${backend.url}/runs/${id}`,
  /** The page of its run: there it stands with what led to it. */
  gate: (backend: Backend, gate: Pick<Gate, 'run_id'>): string => `${backend.url}/runs/${gate.run_id}`,
};

type WithError = { error: { code: string; message: string; hint: string } | null };

function showError({ error }: WithError): z.output<typeof ErrorView> {
  return error === null ? null : { code: error.code, message: error.message, hint: error.hint };
}

export function showDraft(backend: Backend, draft: Draft): z.output<typeof DraftView> {
  const url = pages.draft(backend, draft.id);
  const next = {
    draft: `A person decides at ${url}; prepare_decision shows what they will see.`,
    approved: `Start it with create_run and approved_id ${draft.approved_id ?? ''}.`,
    rejected: 'It was rejected. Read the comment and make another draft.',
    error: 'It has no plan. Read the error and make another draft.',
  }[draft.status];
  return {
    draft_id: draft.id,
    status: draft.status,
    title: draft.plan?.title ?? null,
    hash: draft.hash,
    revision: draft.revision,
    approved_id: draft.approved_id,
    error: showError(draft),
    url,
    next,
  };
}

export function isRunnable(approved: Approved, now = new Date().toISOString()): boolean {
  return approved.revoked_at === null && approved.expires_at > now && approved.runs_started < approved.max_runs;
}

export function showApproved(approved: Approved): z.output<typeof ApprovedView> {
  return {
    approved_id: approved.id,
    title: approved.plan.title,
    hash: approved.hash,
    approved_by: approved.approved_by,
    expires_at: approved.expires_at,
    runs_left: Math.max(0, approved.max_runs - approved.runs_started),
    runnable: isRunnable(approved),
  };
}

export function showGate(backend: Backend, gate: Gate): z.output<typeof GateView> {
  const { id, run_id, node, kind, status, title, message, risk, hash } = gate;
  return { gate_id: id, run_id, node, kind, status, title, message, risk, hash, url: pages.gate(backend, gate) };
}

type Next = { gates: string[]; isCut: boolean };

function nextOfRun(run: Run, { gates, isCut }: Next, backend: Backend): string {
  if (run.status === 'done') return doneText(run, isCut);
  if (isRunEnded(run.status)) return 'It has ended. get_run_log says what happened.';
  const asks =
    gates.length === 0 ? [] : [`It waits for a person: prepare_decision with gate_id ${gates[0]}, or ${pages.run(backend, run.id)}.`];
  if (run.paused) return [...asks, pausedText(run, backend, gates.length > 0)].join(' ');
  return asks[0] ?? 'It is under way: get_run_status with wait_s follows it.';
}

function pausedText({ id }: Run, backend: Backend, isAsking: boolean): string {
  const who = `A person with the role operator resumes it at ${pages.run(backend, id)} or with \`gimo runs resume ${id}\`; resume_run does it for the credential of a person only.`;
  return isAsking ? `It is paused as well, so an answer alone does not let it go on. ${who}` : `It is paused. ${who}`;
}

function doneText(run: Run, isCut: boolean): string {
  const done = run.branch === null ? 'It is done.' : `It is done; its result is the branch ${run.branch}.`;
  if (!isCut) return done;
  const sizes = Object.entries(run.outputs ?? {}).map(([name, value]) => `${name} (${JSON.stringify(value).length})`);
  const named =
    sizes.slice(0, OUTPUTS_NAMED).join(', ') + (sizes.length > OUTPUTS_NAMED ? `, and ${sizes.length - OUTPUTS_NAMED} more` : '');
  return `${done} Its outputs are too large to stand here; with their characters: ${named}. Read one with gimo_read_operation: operation runs_get, params {"id":"${run.id}"}, part /outputs/NAME; of a long text the part /outputs/NAME/0-50000.`;
}

/** A run with its open gates. Outputs above INLINE_BYTES are left out; `ops://runs/{id}` has them. */
export async function showRun(backend: Backend, run: Run): Promise<{ data: z.output<typeof RunView>; isCut: boolean }> {
  const isLive = run.waiting && !isRunEnded(run.status);
  const open = isLive ? (await backend.call('gates_list', { query: { run_id: run.id, status: 'open' } })).data : [];
  const gates = open.map((gate) => gate.id);
  const isCut = run.outputs !== null && JSON.stringify(run.outputs).length > INLINE_BYTES;
  const data = {
    run_id: run.id,
    approved_id: run.approved_id,
    title: run.title,
    status: run.status,
    paused: run.paused,
    priority: run.priority,
    waiting: run.waiting,
    nodes: run.nodes,
    cost_usd: run.cost_usd,
    error: showError(run),
    outputs: isCut ? null : run.outputs,
    branch: run.branch,
    gates,
    url: pages.run(backend, run.id),
    next: nextOfRun(run, { gates, isCut }, backend),
  };
  return { data, isCut };
}

/** Which of GIMO's objects a text names, null when it has the form of none. */
export function kindOfId(id: string): keyof typeof ID_PATTERNS | null {
  const found = Object.entries(ID_PATTERNS).find(([, pattern]) => pattern.test(id));
  return found === undefined ? null : (found[0] as keyof typeof ID_PATTERNS);
}
