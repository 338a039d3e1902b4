/** Runs as tasks of the extension `io.modelcontextprotocol/tasks`: the id of the task is the id of the run. */
import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type InputRequest,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { runNodesText } from '#contract/node-figures.ts';
import type { Gate, Run } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';
import { formOf, pageOf, takeAnswer, takesForm, whoCalls, type Caller, type Desk } from './ask-person.ts';
import { Refusal } from './backend.ts';
import { featuresOf, TASKS_EXTENSION } from './client-features.ts';
import { optionsOf, type McpHost } from './host.ts';
import { orProtocolError, requireKind } from './resources.ts';
import type { Toolset } from './tool.ts';
import { pages, showRun } from './views.ts';

const POLL_MS = 1000;
/** Runs stay readable when they are archived. */
const UNLIMITED = null;
const MAX_ANSWERS = 100;

const TaskParams = z.object({ taskId: z.string().max(100) });

export type TaskView = {
  taskId: string;
  status: 'working' | 'input_required' | 'completed' | 'cancelled';
  statusMessage: string;
  createdAt: string;
  lastUpdatedAt: string;
  ttlMs: number | null;
  pollIntervalMs: number;
};

/** A failed run is a completed task whose result says that it failed: `failed` stands for failures of the protocol. */
function statusOf(run: Run): TaskView['status'] {
  if (run.status === 'cancelled') return 'cancelled';
  if (run.status === 'done' || run.status === 'error') return 'completed';
  return run.waiting ? 'input_required' : 'working';
}

export function taskOf(run: Run): TaskView {
  const lastUpdatedAt = run.finished_at ?? run.log?.at(-1)?.at ?? run.started_at ?? run.created_at;
  return {
    taskId: run.id,
    status: statusOf(run),
    statusMessage: `${run.title}: ${run.status}${run.paused ? ', paused' : ''}, ${runNodesText(run.nodes)}`,
    createdAt: run.created_at,
    lastUpdatedAt,
    ttlMs: UNLIMITED,
    pollIntervalMs: POLL_MS,
  };
}

async function openGates({ backend }: Desk, runId: string): Promise<Gate[]> {
  return (await backend.call('gates_list', { query: { run_id: runId, status: 'open' } })).data;
}

/** What the client can put to the person; a gate that it cannot show is named in the message only. */
function requestsOf(desk: Desk, gates: Gate[], caller: Caller): Record<string, InputRequest> {
  return Object.fromEntries(
    gates.flatMap((gate) => {
      if (takesForm(gate, caller, desk.features)) return [[desk.questions.ask(gate, caller.label), formOf(gate)]];
      return desk.features.url
        ? [[desk.questions.ask(gate, caller.label), pageOf(`Decide the gate: ${gate.title}`, pages.gate(desk.backend, gate))]]
        : [];
    }),
  );
}

/** The whole state of a run as a task: what `tasks/get` answers and what `notifications/tasks` carries. */
export async function getTask(desk: Desk, runId: string): Promise<Record<string, unknown>> {
  const { data: run } = await desk.backend.call('runs_get', { params: { id: runId } });
  const task = taskOf(run);
  if (task.status === 'completed') {
    const { data } = await showRun(desk.backend, run);
    const text = { type: 'text', text: JSON.stringify(data) };
    return { ...task, result: { content: [text], structuredContent: data, isError: run.status === 'error' } };
  }
  if (task.status !== 'input_required') return task;
  const gates = await openGates(desk, runId);
  const statusMessage = `${task.statusMessage}; a person decides at ${pages.run(desk.backend, runId)}`;
  return { ...task, statusMessage, inputRequests: requestsOf(desk, gates, await whoCalls(desk.backend)) };
}

/** Answers that belong to no open question are passed over, as the extension asks for. */
async function updateTask(desk: Desk, runId: string, answers: [string, unknown][]): Promise<void> {
  const { label } = await whoCalls(desk.backend);
  const gates = await openGates(desk, runId);
  for (const [token, response] of answers.slice(0, MAX_ANSWERS)) {
    const gate = gates.find((item) => item.id === desk.questions.gateOf(token, label));
    if (gate !== undefined) await takeAnswer(desk, gate, token, response);
  }
}

/** There is nothing left to stop, which is what was asked for. */
const ENDED: ReadonlySet<string> = new Set(['ALREADY_CANCELLED', 'RUN_NOT_ACTIVE']);

async function cancelTask({ backend }: Desk, runId: string): Promise<void> {
  try {
    await backend.call('runs_cancel', { params: { id: runId } });
  } catch (error) {
    if (!(error instanceof Refusal) || !ENDED.has(error.problem.code)) throw error;
  }
}

export function needsTasks(): MissingRequiredClientCapabilityError {
  return new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } });
}

export function addTasks(server: McpServer, host: McpHost): void {
  const deskOf = (ctx: ServerContext): Desk => {
    const features = featuresOf(server, ctx);
    if (!features.tasks) throw needsTasks();
    return { backend: host.backendOf(ctx), features, questions: host.questions };
  };
  const changing = (ctx: ServerContext, toolset: Toolset): Desk => {
    const { isReadOnly, toolsets } = optionsOf(host, ctx);
    if (!isReadOnly && toolsets.includes(toolset)) return deskOf(ctx);
    throw new ProtocolError(ProtocolErrorCode.InvalidRequest, `This connection may not change ${toolset}.`);
  };
  server.server.setRequestHandler('tasks/get', { params: TaskParams }, ({ taskId }, ctx) =>
    orProtocolError(() => getTask(deskOf(ctx), requireKind(taskId, 'run'))),
  );
  server.server.setRequestHandler('tasks/update', { params: TaskParams }, async ({ taskId }, ctx) => {
    // The SDK takes the answers out of the parameters of every request.
    const answers = Object.entries(ctx.mcpReq.inputResponses ?? {});
    await orProtocolError(() => updateTask(changing(ctx, 'decisions'), requireKind(taskId, 'run'), answers));
    return {};
  });
  server.server.setRequestHandler('tasks/cancel', { params: TaskParams }, async ({ taskId }, ctx) => {
    await orProtocolError(() => cancelTask(changing(ctx, 'runs'), requireKind(taskId, 'run')));
    return {};
  });
}
