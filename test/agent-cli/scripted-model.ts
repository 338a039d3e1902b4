/** A model that wants to see its plan done: drafts, tries to approve, waits for a person, starts, follows, reports. It decides by what its tools said last. */
import { LLMock, type ChatCompletionRequest, type FixtureResponse } from '@copilotkit/aimock';

export const PLAN = {
  version: 1,
  title: 'From an agent',
  nodes: [
    { id: 'one', kind: 'value', with: { value: 20 } },
    { id: 'ask', kind: 'gate', needs: ['one'], with: { title: 'Go on?', risk: 'medium' } },
    { id: 'two', kind: 'transform', needs: ['ask'], with: { expr: 'nodes.one.output + 22' } },
  ],
  outputs: { answer: 'nodes.two.output' },
};

export type ToolUse = { tool: string; arguments: Record<string, unknown> };
/** `said` is all that the tool gave the model. */
export type Seen = ToolUse & { said: string };
/** Null: the model has nothing more to do and says `answer`. */
export type Next = (seen: Seen[]) => ToolUse | { answer: string };

export const nextStep: Next = (seen) => {
  const last = seen.at(-1);
  const all = seen.map(({ said }) => said).join('\n');
  const draftId = /d_[0-9A-Z]{26}/.exec(all)?.[0] ?? '';
  const runId = /r_[0-9A-Z]{26}/.exec(all)?.[0] ?? '';
  const approvedId = /a_[0-9A-Z]{26}/.exec(all)?.[0];
  const follow = { tool: 'get_run_status', arguments: { run_id: runId, wait_s: 50 } };
  if (last === undefined) return { tool: 'create_draft', arguments: { plan: PLAN } };
  if (last.tool === 'create_draft')
    return { tool: 'gimo_write_operation', arguments: { operation: 'drafts_approve', params: { id: draftId }, body: { approved: true } } };
  if (last.tool === 'create_run') return follow;
  if (last.tool !== 'get_run_status')
    return approvedId === undefined
      ? { tool: 'get_draft', arguments: { draft_id: draftId } }
      : { tool: 'create_run', arguments: { approved_id: approvedId } };
  const answer = /\\*"answer\\*":(\d+)/.exec(last.said)?.[1]; // the program gives it to the model as JSON in JSON
  return answer === undefined ? follow : { answer: `The run is done, and the answer is ${answer}.` };
};

export type ScriptedModel = { url: string; seen: Seen[]; close: () => Promise<void> };

/** In: `onSeen` is waited for before the model goes on: what people do meanwhile. */
export async function startScriptedModel(onSeen: (last: Seen) => Promise<void>): Promise<ScriptedModel> {
  const seen: Seen[] = [];
  let asked: ToolUse | null = null;
  const mock = new LLMock({ port: 0 });
  const respond = async (request: ChatCompletionRequest): Promise<FixtureResponse> => {
    const results = request.messages.filter(({ role }) => role === 'tool');
    if (asked !== null && results.length > seen.length) {
      const content = results.at(-1)?.content;
      const last = { ...asked, said: typeof content === 'string' ? content : JSON.stringify(content) };
      seen.push(last);
      await onSeen(last);
    }
    const next = nextStep(seen);
    if ('answer' in next) return { content: next.answer };
    asked = next;
    const name = request.tools?.map((tool) => tool.function.name).find((item) => item.endsWith(next.tool)) ?? next.tool;
    return { toolCalls: [{ name, arguments: JSON.stringify(next.arguments) }] };
  };
  mock.on({}, respond);
  await mock.start();
  return { url: mock.url, seen, close: () => mock.stop() };
}
