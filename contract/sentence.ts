/** What an approval means, in one sentence. Pure. */
import { commandLine } from './code-words.ts';
import { commandForm } from './command-form.ts';
import type { Envelope } from './envelope.ts';
import type { Fence } from './fence-parts.ts';
import { isUnfenced, touchesFiles } from './findings.ts';
import { showInvisible } from './invisible.ts';
import type { NodeKind } from './nodes/index.ts';
import { planNodesText } from './node-figures.ts';
import { validations } from './nodes/patch.ts';
import { allNodes, type Plan } from './plan.ts';

const NAMES_SHOWN = 3;
const NAME_CHARS = 60;
const EVERY_FILE = '**';

/** Singular and plural of what nodes of a kind are to a reader. */
const WORDS: Record<NodeKind, [string, string]> = {
  process: ['command', 'commands'],
  patch: ['change of files', 'changes of files'],
  http: ['request', 'requests'],
  notify: ['message to a webhook', 'messages to webhooks'],
  llm: ['call of a language model', 'calls of a language model'],
  agent: ['model that works with tools', 'models that work with tools'],
  delegate: ['task for another agent', 'tasks for other agents'],
  gate: ['question to a person', 'questions to a person'],
  map: ['loop over a list', 'loops over a list'],
  loop: ['repetition under a condition', 'repetitions under a condition'],
  subplan: ['step that adds nodes', 'steps that add nodes'],
  wait: ['timer', 'timers'],
  mcp_tool: ['tool call', 'tool calls'],
  noop: ['step that touches nothing', 'steps that touch nothing'],
  value: ['value', 'values'],
  transform: ['calculation', 'calculations'],
  condition: ['condition', 'conditions'],
  join: ['join', 'joins'],
};
/** What touches the world comes first. */
const ORDER = Object.keys(WORDS) as NodeKind[];

const asItIs = (text: string): string => text;
const clip = (text: string): string => (text.length > NAME_CHARS ? `${text.slice(0, NAME_CHARS - 1)}…` : text);

function listed(names: string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, NAMES_SHOWN).map((name) => `\`${clip(showInvisible(name))}\``);
  return unique.length === 0 ? '' : ` (${shown.join(', ')}${unique.length > NAMES_SHOWN ? ', …' : ''})`;
}

/** What nodes of a kind work with, in brackets. */
function detailOf(kind: NodeKind, plan: Plan, envelope: Envelope): string {
  if (kind !== 'patch') return listed(namesOf(kind, plan, envelope));
  const files = envelope.paths.write.includes(EVERY_FILE) ? ' (any file of the workspace)' : listed(envelope.paths.write);
  return `${files}${checksOf(plan)}`;
}

function namesOf(kind: NodeKind, plan: Plan, envelope: Envelope): string[] {
  if (kind === 'llm' || kind === 'agent') return envelope.models;
  if (kind === 'http') return envelope.hosts;
  if (kind === 'mcp_tool') return envelope.tools;
  if (kind === 'delegate') return [...allNodes(plan.nodes)].flatMap(({ node }) => (node.kind === 'delegate' ? node.with.agent : []));
  if (kind === 'notify') return [...allNodes(plan.nodes)].flatMap(({ node }) => (node.kind === 'notify' ? node.with.webhook : []));
  if (kind !== 'process') return [];
  return [...allNodes(plan.nodes)].flatMap(({ node }) => (node.kind === 'process' ? commandLine(commandForm(node.with, asItIs)) : []));
}

/** The commands that check what patches wrote; they are no nodes of their own. */
function checksOf(plan: Plan): string {
  const checks = [...allNodes(plan.nodes)].flatMap(({ node }) => (node.kind === 'patch' ? validations(node.with.validate) : []));
  if (checks.length === 0) return '';
  return ` checked with ${checks.length} ${WORDS.process[checks.length === 1 ? 0 : 1]}${listed(checks.map((argv) => commandLine(argv)))}`;
}

function duration(ms: number): string {
  const minutes = ms / 60_000;
  return minutes < 1 ? `${Math.ceil(ms / 1000)} s` : `${Math.round(minutes * 10) / 10} min`;
}

/** "If you approve, GIMO will run N nodes: …, in the sandbox X, at most US$ y and z min." */
export function sentenceOf(plan: Plan, envelope: Envelope, fence: Fence | null): string {
  const counts = new Map<NodeKind, number>();
  for (const { node } of allNodes(plan.nodes)) counts.set(node.kind, (counts.get(node.kind) ?? 0) + 1);
  const parts = ORDER.flatMap((kind) => {
    const count = counts.get(kind) ?? 0;
    return count === 0 ? [] : `${count} ${WORDS[kind][count === 1 ? 0 : 1]}${detailOf(kind, plan, envelope)}`;
  });
  const sandbox = !touchesFiles(plan) ? '' : isUnfenced(fence) ? ', without a sandbox' : `, in the sandbox ${fence?.kind ?? ''}`;
  const limits = `at most US$ ${envelope.budget.usd} and ${duration(envelope.budget.wall_ms)}`;
  return `If you approve, GIMO will run ${planNodesText(plan)}: ${parts.join(', ')}${sandbox}, ${limits}.`;
}
