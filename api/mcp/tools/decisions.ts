/** Decisions: what waits for a person, and what they are shown. A model can prepare one and never make one. */
import { inputRequired, type InputRequiredResult } from '@modelcontextprotocol/server';
import { DraftId, GateId, RunId } from '#contract/ids.ts';
import type { Gate } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';
import { formOf, pageOf, takeAnswer, takesForm, whoCalls, type Caller } from '../ask-person.ts';
import { Prepared, preparedDraft, preparedGate } from '../prepared.ts';
import { defineTool, READS, type Tool, type ToolCall } from '../tool.ts';
import { GateView, pages, showGate } from '../views.ts';
import { Page, pageQuery } from './plans.ts';

const KEY = 'decision';

const listGates = defineTool({
  name: 'list_gates',
  title: 'List questions to people',
  toolset: 'decisions',
  description: 'Gates: questions that runs ask a person. Only a person answers them; prepare_decision puts one in front of them.',
  input: z.strictObject({
    status: z.enum(['open', 'approved', 'rejected', 'expired', 'withdrawn']).optional(),
    run_id: RunId.optional(),
    ...Page,
  }),
  output: z.object({ gates: z.array(GateView), next_cursor: z.string().nullable() }),
  hints: READS,
  run: async ({ backend }, { status = 'open', ...more }) => {
    const { data, next } = await backend.call('gates_list', { query: pageQuery({ status, ...more }) });
    return { data: { gates: data.map((gate) => showGate(backend, gate)), next_cursor: next } };
  },
});

/** Whether this round brings something back from the client. */
function isAnswered({ ctx }: ToolCall): boolean {
  return ctx.mcpReq.inputResponses !== undefined || ctx.mcpReq.requestState() !== undefined;
}

/** Out: the question for the client, null when it can show none. */
function askGate({ questions, features, backend }: ToolCall, gate: Gate, caller: Caller): InputRequiredResult | null {
  const requestState = questions.ask(gate, caller.label);
  if (takesForm(gate, caller, features)) return inputRequired({ inputRequests: { [KEY]: formOf(gate) }, requestState });
  if (!features.url) return null;
  return inputRequired({ inputRequests: { [KEY]: pageOf(`Decide the gate: ${gate.title}`, pages.gate(backend, gate)) }, requestState });
}

async function prepareGate(call: ToolCall, id: string) {
  const { backend, ctx } = call;
  const read = async (): Promise<Gate> => (await backend.call('gates_get', { params: { id } })).data;
  const gate = await read();
  if (isAnswered(call)) {
    const note = await takeAnswer(call, gate, ctx.mcpReq.requestState(), ctx.mcpReq.inputResponses?.[KEY]);
    return { data: await showPrepared(call, await read(), note) };
  }
  const question = gate.status === 'open' ? askGate(call, gate, await whoCalls(backend)) : null;
  return question ?? { data: await showPrepared(call, gate, '') };
}

async function showPrepared({ backend }: ToolCall, gate: Gate, note: string): Promise<Prepared> {
  const { data: run } = await backend.call('runs_get', { params: { id: gate.run_id } });
  return preparedGate(backend, { gate, run, note });
}

/** Approvals of plans are made on their page, of whatever risk: the form of a client cannot show a packet. */
async function prepareDraft(call: ToolCall, id: string) {
  const { backend, features } = call;
  const { data: draft } = await backend.call('drafts_get', { params: { id } });
  const { data: packet } = await backend.call('drafts_packet', { params: { id } });
  if (draft.status === 'draft' && features.url && !isAnswered(call)) {
    const message = `Decide the plan: ${packet.plan.title}`;
    return inputRequired({ inputRequests: { [KEY]: pageOf(message, pages.draft(backend, id)) }, requestState: id });
  }
  return { data: await preparedDraft(backend, draft, packet) };
}

const prepareDecision = defineTool({
  name: 'prepare_decision',
  title: 'Put a decision in front of a person',
  toolset: 'decisions',
  description:
    'Shows what a person would decide about a draft or a gate: sentence, risk, findings, what it may touch, the texts themselves (`left_out` says what is cut and where the whole is), who wrote it, and where they decide. Clients that can ask the person do so. Takes no answer: deciding is for people.',
  input: z
    .strictObject({ draft_id: DraftId.optional(), gate_id: GateId.optional() })
    .refine(({ draft_id, gate_id }) => (draft_id === undefined) !== (gate_id === undefined), 'give draft_id or gate_id'),
  output: Prepared,
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
  run: async (call, { draft_id: draftId, gate_id: gateId = '' }) =>
    draftId === undefined ? prepareGate(call, gateId) : prepareDraft(call, draftId),
});

export const decisionTools: Tool[] = [listGates, prepareDecision];
