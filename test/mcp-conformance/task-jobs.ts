/** The fixed tools of the suite's task scenarios: each starts a run of a small stand-in for the API, and GIMO's own task handlers show it. */
import { ulid } from 'ulid';
import { acceptedContent, inputRequired, type CallToolResult, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { Refusal, type Backend } from '#api/mcp/backend.ts';
import { featuresOf } from '#api/mcp/client-features.ts';
import type { McpHost } from '#api/mcp/host.ts';
import { problemOf } from '#api/plugins/problem.ts';
import { addTasks, taskOf } from '#api/mcp/tasks.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { GimoError } from '#contract/errors.ts';
import type { Gate, Run } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';
import { form } from './rounds.ts';

type Job = { run: Run; gates: Gate[] };
type Shape = { seconds?: number; fails?: boolean; outputs?: Record<string, string>; questions?: number };

const NODES = { total: 1, done: 0, skipped: 0, error: 0, running: 1, waiting: 0 };
const now = (): string => new Date().toISOString();
/** Runs outlive the server of one request. */
const jobs = new Map<string, Job>();

function startJob({ seconds = 0, fails = false, outputs = {}, questions = 0 }: Shape): Run {
  const id = `r_${ulid()}`;
  const run = { id, run_id: id, title: 'job', status: 'running', waiting: questions > 0, paused: false, nodes: NODES } as unknown as Run;
  Object.assign(run, { created_at: now(), created_by: 'tests', outputs: null, branch: null, error: null, cost_usd: 0, approved_id: '' });
  const gates = Array.from({ length: questions }, (_none, at) => ({ id: `g_${ulid()}`, run_id: id, ...gateOf(at) }) as unknown as Gate);
  jobs.set(id, { run, gates });
  const end = (): void => {
    if (run.status === 'running') Object.assign(run, { status: fails ? 'error' : 'done', finished_at: now(), outputs });
  };
  if (questions === 0) setTimeout(end, seconds * 1000).unref();
  return run;
}

function gateOf(at: number): Partial<Gate> {
  return { kind: 'question', status: 'open', title: `Question ${at}`, message: '', risk: 'low', hash: 'a'.repeat(64) };
}

function refuse(code: ErrorCode): never {
  throw new Refusal(problemOf(new GimoError(code), ''), 'runs_get');
}

type Params = { params?: Record<string, string>; query?: Record<string, string> };

/** What the task handlers ask of the API. */
function answer(id: string, { params = {}, query = {} }: Params): unknown {
  const job = jobs.get(params['id'] ?? query['run_id'] ?? '');
  if (id === 'auth_whoami') return { label: 'operator:tests', class: 'human' };
  if (job === undefined) return refuse('NOT_FOUND');
  if (id === 'gates_list') return job.gates;
  if (id !== 'runs_cancel') return job.run;
  if (job.run.status !== 'running') return refuse('ALREADY_CANCELLED');
  return Object.assign(job.run, { status: 'cancelled', waiting: false, finished_at: now() });
}

const call = async (id: string, input: Params = {}) => ({ status: 200, data: answer(id, input), next: null });
const backend: Backend = {
  url: 'http://localhost',
  call: call as unknown as Backend['call'],
  stream: async () => new Blob([]).stream(),
};

export function addTaskJobs(server: McpServer, host: McpHost): void {
  addTasks(server, { ...host, backendOf: () => backend });
  /** Without tasks the client gets its answer at once, as from every tool of GIMO. */
  const asTask = (ctx: ServerContext, shape: Shape): CallToolResult =>
    featuresOf(server, ctx).tasks
      ? { content: [], resultType: 'task', ...taskOf(startJob(shape)) }
      : { content: [{ type: 'text', text: 'Done.' }] };
  const job = (name: string, shape: Shape): void =>
    void server.registerTool(name, { description: `The job ${name}` }, (ctx) => asTask(ctx, shape));
  server.registerTool('greet', { description: 'Greets', inputSchema: z.object({ name: z.string() }) }, ({ name }) => ({
    content: [{ type: 'text', text: `Hello, ${name}!` }],
  }));
  const seconds = z.object({ seconds: z.number(), label: z.string().optional() });
  server.registerTool('slow_compute', { description: 'Computes', inputSchema: seconds }, (args, ctx) => asTask(ctx, args));
  job('failing_job', { fails: true });
  job('confirm_delete', { questions: 1 });
  job('multi_input', { questions: 2 });
  server.registerTool('test_tool_with_task', { description: 'Asks, then computes' }, (ctx) => {
    const name = acceptedContent<{ name: string }>(ctx.mcpReq.inputResponses, 'user_name')?.name;
    return name === undefined
      ? inputRequired({ inputRequests: { user_name: form('Your name?', 'name', 'string') } })
      : asTask(ctx, { outputs: { name } });
  });
}
