import type { ResourceLink } from '@modelcontextprotocol/server';
import { NODE_INSTANCE_ID, RunId } from '#contract/ids.ts';
import type { Run } from '#contract/objects.ts';
import { LogEntrySchema } from '#contract/run-summary.ts';
import { PrioritySchema } from '#contract/priority.ts';
import { z } from '#contract/zod.ts';
import { followRun, MAX_WAIT_S } from '../follow-run.ts';
import { taskOf } from '../tasks.ts';
import { ADDS, defineTool, READS, type Hints, type Tool, type ToolAnswer, type ToolCall } from '../tool.ts';
import { ReceiptView, RunView, showRun } from '../views.ts';
import { Key, pageQuery } from './plans.ts';

const RunArgs = z.strictObject({ run_id: RunId });
const Wait = z.number().min(0).max(MAX_WAIT_S).optional().describe('Seconds to wait for the end or for a question');
const CONTROLS: Hints = { readOnly: false, destructive: false, idempotent: true, openWorld: false };

export function runLink(id: string): ResourceLink {
  return { type: 'resource_link', uri: `ops://runs/${id}`, name: `run ${id}`, mimeType: 'application/json' };
}

async function answer(call: ToolCall, run: Run): Promise<ToolAnswer> {
  const { data, isCut } = await showRun(call.backend, run);
  return { data, links: isCut ? [runLink(run.id)] : [] };
}

const createRun = defineTool({
  name: 'create_run',
  title: 'Start an approved plan',
  toolset: 'runs',
  description:
    'Starts a run of an approved artifact (a_…). A draft (d_…) is refused: a person approves it first, the answer says where. Clients with tasks get a task whose id is the run id.',
  input: z.strictObject({
    approved_id: z.string().min(1).max(100),
    inputs: z.record(z.string(), z.unknown()).optional().describe('Values of inputs that the plan leaves open'),
    priority: PrioritySchema.optional().describe('Its share among the runs; more than was approved only a person may ask for'),
    wait_s: Wait,
    idempotency_key: Key,
  }),
  output: RunView,
  hints: { ...ADDS, destructive: true, openWorld: true },
  run: async (call, { approved_id, inputs, priority, wait_s: waitS = 0, idempotency_key: key }) => {
    const { data: started } = await call.backend.call('runs_create', { body: { approved_id, inputs, priority }, key });
    if (call.features.tasks) return { ...(await answer(call, started)), task: { resultType: 'task', ...taskOf(started) } };
    return answer(call, waitS === 0 ? started : await followRun(call, started.id, waitS));
  },
});

const getRunStatus = defineTool({
  name: 'get_run_status',
  title: 'Follow a run',
  toolset: 'runs',
  description: 'How a run stands: nodes, cost, outputs, what it waits for. With `wait_s` it returns when the run ends or asks a person.',
  input: RunArgs.extend({ wait_s: Wait }),
  output: RunView,
  hints: READS,
  run: async (call, { run_id: id, wait_s: waitS = 0 }) => answer(call, await followRun(call, id, waitS)),
});

const getRunLog = defineTool({
  name: 'get_run_log',
  title: 'Read the log of a run',
  toolset: 'runs',
  description: 'The log of a run, oldest first, page by page; `node` keeps the lines of one node.',
  input: RunArgs.extend({
    node: z.string().regex(NODE_INSTANCE_ID).optional(),
    limit: z.int().min(1).max(500).optional(),
    cursor: z.string().max(50).optional(),
  }),
  output: z.object({ entries: z.array(LogEntrySchema), next_cursor: z.string().nullable() }),
  hints: READS,
  run: async ({ backend }, { run_id: id, node, limit = 100, cursor }) => {
    const { data, next } = await backend.call('runs_log', { params: { id }, query: pageQuery({ node, limit, cursor }) });
    return { data: { entries: data, next_cursor: next } };
  },
});

const cancelRun = defineTool({
  name: 'cancel_run',
  title: 'Stop a run',
  toolset: 'runs',
  description: 'Stops a run and everything it started. The receipt accounts for each node; `confirmed_at` is null until all is proven.',
  input: RunArgs,
  output: ReceiptView,
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
  run: async ({ backend }, { run_id: id }) => ({ data: (await backend.call('runs_cancel', { params: { id } })).data }),
});

const pauseRun = defineTool({
  name: 'pause_run',
  title: 'Pause a run',
  toolset: 'runs',
  description:
    'No further node starts; running ones finish. Only a person lets it go on again: resume_run, its page, or `gimo runs resume`.',
  input: RunArgs,
  output: RunView,
  hints: CONTROLS,
  run: async (call, { run_id: id }) => answer(call, (await call.backend.call('runs_pause', { params: { id } })).data),
});

const resumeRun = defineTool({
  name: 'resume_run',
  title: 'Resume a run',
  toolset: 'runs',
  description: 'Goes on after a pause; only a person may, so a token of class agent is refused. It answers no gate.',
  input: RunArgs,
  output: RunView,
  hints: CONTROLS,
  run: async (call, { run_id: id }) => answer(call, (await call.backend.call('runs_resume', { params: { id } })).data),
});

export const runTools: Tool[] = [createRun, getRunStatus, getRunLog, cancelRun, pauseRun, resumeRun];
