/** An instance with a scripted model, and the verbs of tests about agents. */
import path from 'node:path';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Gate, GraphNode, NodeDetail, Run } from '#contract/objects.ts';
import type { LogEntry } from '#contract/run-state.ts';
import { scripted, startScriptedModel, type ScriptedModel, type ScriptedTurn } from './scripted-model.ts';
import { startStack, type Stack } from './stack.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** A server of tools that run in a fence. */
export const SUMS = { type: 'stdio', argv: [process.execPath, path.join(ROOT, 'test/fixtures/mcp-tools.ts')], read: [ROOT] };
/** Says again what the tools returned. */
export const END: ScriptedTurn = { say: '$RESULTS' };

export type AgentOptions = { tools?: object; with?: object; node?: object; plan?: object };
export type AgentRuns = {
  stack: Stack;
  model: ScriptedModel;
  begin: (title: string, turns: ScriptedTurn[], options?: AgentOptions) => Promise<Run>;
  carriedOut: (title: string, turns: ScriptedTurn[], options?: AgentOptions) => Promise<Run>;
  graphOf: (run: Run) => Promise<GraphNode[]>;
  nodeOf: (run: Run, id: string) => Promise<NodeDetail>;
  logOf: (run: Run) => Promise<string[]>;
  answer: (gate: Gate, verdict: 'approve' | 'reject', more?: object) => Promise<unknown>;
  /** Node and kind of each effect. */
  effectsOf: (run: Run) => Promise<string[]>;
  close: () => Promise<void>;
};

/** A plan of one agent, called `fix`, whose model follows the script. */
export function agentPlan(title: string, turns: ScriptedTurn[], { tools = {}, with: more = {}, node = {}, plan = {} }: AgentOptions = {}) {
  const works = { id: 'fix', kind: 'agent', with: { task: scripted(title, ...turns), tools, ...more }, ...node };
  return { version: 1, title, nodes: [works], outputs: { text: 'nodes.fix.output.text' }, ...plan };
}

/** What the model was told of its calls, as it said it again. */
export const heard = ({ outputs }: Run): string[] => JSON.parse((outputs as { text: string }).text) as string[];

export async function startAgentRuns(env: Record<string, string> = {}): Promise<AgentRuns> {
  const model = await startScriptedModel();
  const stack = await startStack({ env });
  const provider = { type: 'custom_openai_compatible', base_url: `${model.server.url}/v1`, model: 'm', api_key: null };
  await stack.admin.put('/ops/provider', { active: 'mock', providers: { mock: provider } });
  await stack.admin.put('/ops/mcp/servers', { servers: { sums: SUMS } });
  await stack.operator.post('/ops/mcp/servers/sums/refresh', {});
  await stack.admin.post('/ops/agents', { name: 'poet', trust_level: 'untrusted' }, 201);
  const begin: AgentRuns['begin'] = (...what) => stack.admin.startPlan(agentPlan(...what));
  return {
    stack,
    model,
    begin,
    carriedOut: async (...what) => stack.operator.ended((await begin(...what)).id),
    graphOf: (run) => stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`),
    nodeOf: (run, id) => stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/${encodeURIComponent(id)}`),
    logOf: async (run) => (await stack.actions.get<LogEntry[]>(`/ops/runs/${run.id}/log?limit=200`)).map(({ text }) => text),
    answer: (gate, verdict, more = {}) => stack.operator.post(`/ops/gates/${gate.id}/${verdict}`, { hash: gate.hash, ...more }),
    effectsOf: async (run) => {
      const { records } = await stack.gics.list<LedgerEntry>('ledger', { where: { run_id: run.id }, limit: 1000 });
      return records.map(({ value }) => `${value.node} ${value.kind}`).toSorted();
    },
    close: async () => {
      await stack.close();
      await model.server[Symbol.asyncDispose]();
    },
  };
}
