/** Decisions: what waits for a person, and what they are shown. A model can prepare one and never make one. */
import { inputRequired, type InputRequiredResult } from '@modelcontextprotocol/server';
import { DraftId, GateId, RunId } from '#contract/ids.ts';
import { FindingSchema, SEVERITIES, type Gate, type Packet } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';
import { formOf, pageOf, takeAnswer, takesForm, whoCalls, type Caller } from '../ask-person.ts';
import { defineTool, READS, type Tool, type ToolCall } from '../tool.ts';
import { GateView, pages, showGate } from '../views.ts';
import { Page, pageQuery } from './plans.ts';

const KEY = 'decision';
const MAX_SHOWN = 30;

const Prepared = z.object({
  subject: z.enum(['draft', 'gate']),
  id: z.string(),
  status: z.string(),
  sentence: z.string(),
  risk: z.enum(SEVERITIES),
  findings: z.array(FindingSchema.pick({ severity: true, node: true, message: true, remedy: true })),
  capabilities: z.array(z.object({ type: z.string(), value: z.string() })),
  estimate: z.object({ nodes: z.int(), cost_usd: z.number().nullable(), wall_ms: z.number().nullable() }).nullable(),
  hash: z.string().nullable(),
  expires_at: z.string().nullable(),
  url: z.string(),
  next: z.string(),
});
type Prepared = z.output<typeof Prepared>;

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

function preparedGate(call: ToolCall, gate: Gate, note: string): Prepared {
  const url = pages.gates(call.backend);
  return {
    subject: 'gate',
    id: gate.id,
    status: gate.status,
    sentence: gate.message === '' ? gate.title : `${gate.title}: ${gate.message}`,
    risk: gate.risk,
    findings: [],
    capabilities: [],
    estimate: null,
    hash: gate.hash,
    expires_at: gate.expires_at,
    url,
    next: gate.status === 'open' ? `${note} A person decides at ${url}.`.trim() : `${note} It is ${gate.status}.`.trim(),
  };
}

function preparedDraft(call: ToolCall, id: string, status: string, packet: Packet): Prepared {
  const url = pages.draft(call.backend, id);
  const { approvers, estimate } = packet;
  return {
    subject: 'draft',
    id,
    status,
    sentence: packet.sentence,
    risk: packet.risk,
    findings: packet.findings.slice(0, MAX_SHOWN).map(({ severity, node, message, remedy }) => ({ severity, node, message, remedy })),
    capabilities: packet.capabilities.slice(0, MAX_SHOWN).map(({ type, value }) => ({ type, value })),
    estimate: { nodes: estimate.nodes, cost_usd: estimate.cost_usd, wall_ms: estimate.wall_ms },
    hash: packet.hash,
    expires_at: packet.expires_at,
    url,
    next: status === 'draft' ? `${deciders(approvers)} at ${url}.` : `It is ${status} already.`,
  };
}

function deciders({ role, quorum, votes }: Packet['approvers']): string {
  if (quorum === 1) return `A person with the role ${role} decides`;
  return `${quorum} people have to agree, ${votes.length} have; the next one with the role ${role} decides`;
}

/** Whether this round brings something back from the client. */
function isAnswered({ ctx }: ToolCall): boolean {
  return ctx.mcpReq.inputResponses !== undefined || ctx.mcpReq.requestState() !== undefined;
}

/** Out: the question for the client, null when it can show none. */
function askGate({ questions, features, backend }: ToolCall, gate: Gate, caller: Caller): InputRequiredResult | null {
  const requestState = questions.ask(gate, caller.label);
  if (takesForm(gate, caller, features)) return inputRequired({ inputRequests: { [KEY]: formOf(gate) }, requestState });
  if (!features.url) return null;
  return inputRequired({ inputRequests: { [KEY]: pageOf(`Decide the gate: ${gate.title}`, pages.gates(backend)) }, requestState });
}

async function prepareGate(call: ToolCall, id: string) {
  const { backend, ctx } = call;
  const read = async (): Promise<Gate> => (await backend.call('gates_get', { params: { id } })).data;
  const gate = await read();
  if (isAnswered(call)) {
    const note = await takeAnswer(call, gate, ctx.mcpReq.requestState(), ctx.mcpReq.inputResponses?.[KEY]);
    return { data: preparedGate(call, await read(), note) };
  }
  const question = gate.status === 'open' ? askGate(call, gate, await whoCalls(backend)) : null;
  return question ?? { data: preparedGate(call, gate, '') };
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
  return { data: preparedDraft(call, id, draft.status, packet) };
}

const prepareDecision = defineTool({
  name: 'prepare_decision',
  title: 'Put a decision in front of a person',
  toolset: 'decisions',
  description:
    'Shows what a person would decide about a draft or a gate: sentence, risk, findings, what it may touch, and the page where they decide. Clients that can ask the person do so. Takes no answer: deciding is for people.',
  input: z
    .strictObject({ draft_id: DraftId.optional(), gate_id: GateId.optional() })
    .refine(({ draft_id, gate_id }) => (draft_id === undefined) !== (gate_id === undefined), 'give draft_id or gate_id'),
  output: Prepared,
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
  run: async (call, { draft_id: draftId, gate_id: gateId = '' }) =>
    draftId === undefined ? prepareGate(call, gateId) : prepareDraft(call, draftId),
});

export const decisionTools: Tool[] = [listGates, prepareDecision];
