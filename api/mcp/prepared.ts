/** What a person would decide on, as `prepare_decision` shows it. What an answer cannot hold is cut, and that and how to read the rest is said. */
import { evidenceTexts } from '#contract/gate-evidence.ts';
import { byWeight } from '#contract/findings/order.ts';
import { FindingSchema, SEVERITIES, type Finding, type Gate, type Packet, type Run } from '#contract/objects.ts';
import { isJsonObject } from '#contract/json.ts';
import { planTexts, type TextGroup } from '#contract/plan-texts.ts';
import { silentProviders } from '#contract/silent-provider.ts';
import { writtenBy } from '#contract/written-by.ts';
import { z } from '#contract/zod.ts';
import { Refusal, type Backend } from './backend.ts';
import { INLINE_BYTES, pages } from './views.ts';

const MAX_SHOWN = 30;
const FindingView = FindingSchema.pick({ severity: true, node: true, message: true, evidence: true, remedy: true });

export const Prepared = z.object({
  subject: z.enum(['draft', 'gate']),
  id: z.string(),
  status: z.string(),
  title: z.string(),
  sentence: z.string(),
  risk: z.enum(SEVERITIES),
  findings: z.array(FindingView),
  capabilities: z.array(z.object({ type: z.string(), value: z.string() })),
  contents: z.string(),
  left_out: z.string().nullable(),
  written_by: z.string().nullable(),
  warnings: z.array(z.string()),
  estimate: z.object({ nodes: z.int(), cost_usd: z.number().nullable(), wall_ms: z.number().nullable() }).nullable(),
  hash: z.string().nullable(),
  expires_at: z.string().nullable(),
  url: z.string(),
  next: z.string(),
});
export type Prepared = z.output<typeof Prepared>;

/** As the terminal and the dashboard show it: every line of a text behind a mark. */
function contentsOf(groups: readonly TextGroup[]): string {
  const marked = (text: string): string[] => text.split('\n').map((line) => `│ ${line}`);
  return groups
    .flatMap(({ id, kind, settings, parts }) => [
      kind === null ? id : `${id} (${kind})`,
      ...(settings === '' ? [] : marked(settings)),
      ...parts.flatMap(({ name, text }) => [`${name}:`, ...marked(text)]),
    ])
    .join('\n');
}

type Cut<T> = { shown: T[]; more: string[] };

function firstOf<T>(items: readonly T[], what: string): Cut<T> {
  const left = items.length - MAX_SHOWN;
  return { shown: items.slice(0, MAX_SHOWN), more: left > 0 ? [`${left} of ${items.length} ${what}`] : [] };
}

function cutText(text: string): { shown: string; more: string[] } {
  const left = text.length - INLINE_BYTES;
  return { shown: text.slice(0, INLINE_BYTES), more: left > 0 ? [`${left} of ${text.length} characters of the contents`] : [] };
}

/** The worst come first, so that none of them is what is cut. */
function findingsIn(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(byWeight);
}

const showFinding = ({ severity, node, message, evidence, remedy }: Finding): Prepared['findings'][number] => ({
  severity,
  node,
  message,
  evidence,
  remedy,
});

function leftOut(more: string[], where: string): string | null {
  return more.length === 0 ? null : `Cut here: ${more.join(', ')}. ${where}`;
}

/** Waits: for the checks of the providers that it calls. */
export async function preparedDraft(backend: Backend, { id, status }: { id: string; status: string }, packet: Packet): Promise<Prepared> {
  const url = pages.draft(backend, id);
  const { approvers, estimate, plan } = packet;
  const findings = firstOf(findingsIn(packet.findings), 'findings');
  const capabilities = firstOf(packet.capabilities, 'capabilities');
  const contents = cutText(contentsOf(planTexts(plan, false)));
  const more = [...findings.more, ...capabilities.more, ...contents.more];
  return {
    subject: 'draft',
    id,
    status,
    title: plan.title,
    sentence: packet.sentence,
    risk: packet.risk,
    findings: findings.shown.map(showFinding),
    capabilities: capabilities.shown.map(({ type, value }) => ({ type, value })),
    contents: contents.shown,
    left_out: leftOut(more, `The whole is at ${url}, in \`gimo drafts packet ${id}\`, and in parts in the operation drafts_packet.`),
    written_by: writtenBy(approvers.authors),
    warnings: status === 'draft' ? await silentProviders(plan, (name) => healthOf(backend, name)) : [],
    estimate: { nodes: estimate.nodes, cost_usd: estimate.cost_usd, wall_ms: estimate.wall_ms },
    hash: packet.hash,
    expires_at: packet.expires_at,
    url,
    next: status === 'draft' ? `${deciders(approvers)} at ${url} or with \`gimo drafts approve ${id}\`.` : `It is ${status} already.`,
  };
}

function deciders({ role, quorum, votes }: Packet['approvers']): string {
  if (quorum === 1) return `A person with the role ${role} decides`;
  return `${quorum} people have to agree, ${votes.length} have; the next one with the role ${role} decides`;
}

/** Null for who may not ask. */
async function healthOf(backend: Backend, name: string | undefined): Promise<{ ok: boolean; name: string; detail: string } | null> {
  try {
    return (await backend.call('provider_health', { query: name === undefined ? {} : { name } })).data;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** In: the gate with the run that asks, and what became of a question that was put to the person before. */
export function preparedGate(backend: Backend, { gate, run, note }: { gate: Gate; run: Run; note: string }): Prepared {
  const url = pages.gate(backend, gate);
  const findings = firstOf(findingsIn(findingsOfGate(gate)), 'findings');
  const contents = cutText(contentsOf(evidenceTexts(gate)));
  const where = `The whole is at ${url}, and in \`gimo gates get ${gate.id}\`.`;
  const next = gate.status === 'open' ? `A person decides at ${url} or with \`gimo gates approve ${gate.id}\`.` : `It is ${gate.status}.`;
  return {
    subject: 'gate',
    id: gate.id,
    status: gate.status,
    title: run.title,
    sentence: gate.message === '' ? gate.title : `${gate.title}: ${gate.message}`,
    risk: gate.risk,
    findings: findings.shown.map(showFinding),
    capabilities: [],
    contents: contents.shown,
    left_out: leftOut([...findings.more, ...contents.more], where),
    written_by: null,
    warnings: [],
    estimate: null,
    hash: gate.hash,
    expires_at: gate.expires_at,
    url,
    next: `${note} ${next}`.trim(),
  };
}

/** Of a gate that widens an envelope; others rest on other evidence. */
function findingsOfGate({ evidence }: Gate): Finding[] {
  const found = FindingSchema.array().safeParse(isJsonObject(evidence) ? evidence['findings'] : undefined);
  return found.success ? found.data : [];
}
