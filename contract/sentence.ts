/** What an approval means, in one sentence. Pure. */
import { durationText, usdText } from './amounts.ts';
import type { Command } from './commands/reading.ts';
import { commandGroups } from './commands/groups.ts';
import { classesOf } from './findings/danger-files.ts';
import type { Envelope } from './envelope.ts';
import type { Fence } from './fence-parts.ts';
import { isUnfenced, touchesFiles } from './findings/findings.ts';
import { deletedFiles } from './findings/danger.ts';
import { hostPattern } from './http-target.ts';
import { showInvisible } from './invisible.ts';
import type { NodeKind } from './nodes/index.ts';
import { planNodesText } from './node-figures.ts';
import { isDynamic } from './pattern.ts';
import { allNodes, type NodeOf, type Plan, type PlanNode } from './plan.ts';
import { plannedEffects } from './plan-envelope.ts';
import { plannedCommands } from './commands/planned.ts';
import { alsoText } from './sentence-also.ts';
import { asPattern } from './template.ts';

const NAMES_SHOWN = 3;
const NAME_CHARS = 60;
const COMMAND_CHARS = 160;
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

const clip = (text: string, chars = NAME_CHARS): string => (text.length > chars ? `${text.slice(0, chars - 1)}…` : text);
const quoted = (name: string): string => `\`${clip(showInvisible(name))}\``;

function listed(names: string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, NAMES_SHOWN);
  return unique.length === 0 ? '' : ` (${shown.join(', ')}${unique.length > NAMES_SHOWN ? ', …' : ''})`;
}

const commandsIn = (commands: Command[]): string =>
  listed(commandGroups(commands, COMMAND_CHARS, (text) => `\`${clip(showInvisible(text), COMMAND_CHARS)}\``));

/** What nodes of a kind work with, in brackets: their own words, whatever the envelope grants beyond them. */
function detailOf(kind: NodeKind, nodes: PlanNode[], envelope: Envelope): string {
  if (kind === 'process') return commandsIn(nodes.flatMap(plannedCommands));
  if (kind === 'patch') return `${filesOf(nodes, envelope)}${checksOf(nodes)}`;
  return listed(nodes.flatMap(namesOf).map(quoted));
}

function namesOf(node: PlanNode): string[] {
  if (node.kind === 'http') return [requestName(node)];
  if (node.kind === 'llm' || node.kind === 'agent') return plannedEffects(node).models;
  if (node.kind === 'mcp_tool') return plannedEffects(node).tools;
  if (node.kind === 'delegate') return [node.with.agent];
  return node.kind === 'notify' ? [node.with.webhook] : [];
}

/** A request that changes something there says so. */
function requestName({ with: { method, url } }: NodeOf<'http'>): string {
  const host = hostPattern(asPattern(url));
  return method === 'GET' ? host : `${method} ${host}`;
}

/** Deleted ones first, then those that run or steer something. */
function filesOf(nodes: PlanNode[], envelope: Envelope): string {
  const deleted = nodes.flatMap(deletedFiles);
  const written = nodes.flatMap((node) => plannedEffects(node).write).filter((path) => !deleted.includes(path));
  if (written.some((path) => isDynamic(path.split('/')[0] ?? path)) && envelope.paths.write.includes(EVERY_FILE))
    return ' (any file of the workspace)';
  const writes = deleted.length === 0 ? '' : 'writes ';
  const special = classesOf(written).flatMap(({ paths }) => paths);
  return listed([
    ...deleted.map((path) => `deletes ${quoted(path)}`),
    ...[...special, ...written].map((path) => `${writes}${quoted(path)}`),
  ]);
}

/** The commands that check what patches wrote; they are no nodes of their own. */
function checksOf(nodes: PlanNode[]): string {
  const checks = nodes.flatMap(plannedCommands);
  return checks.length === 0 ? '' : ` checked with ${checks.length} ${WORDS.process[checks.length === 1 ? 0 : 1]}${commandsIn(checks)}`;
}

/** "If you approve, GIMO will run N nodes: …, in the sandbox X, at most US$ y and z min. It may also …" */
export function sentenceOf(plan: Plan, envelope: Envelope, fence: Fence | null): string {
  const byKind = new Map<NodeKind, PlanNode[]>();
  for (const { node } of allNodes(plan.nodes)) {
    const nodes = byKind.get(node.kind) ?? [];
    nodes.push(node);
    byKind.set(node.kind, nodes);
  }
  const parts = ORDER.flatMap((kind) => {
    const nodes = byKind.get(kind) ?? [];
    return nodes.length === 0 ? [] : `${nodes.length} ${WORDS[kind][nodes.length === 1 ? 0 : 1]}${detailOf(kind, nodes, envelope)}`;
  });
  const sandbox = !touchesFiles(plan) ? '' : isUnfenced(fence) ? ', without a sandbox' : `, in the sandbox ${fence?.kind ?? ''}`;
  const limits = `at most ${usdText(envelope.budget.usd)} and ${durationText(envelope.budget.wall_ms)}`;
  return `If you approve, GIMO will run ${planNodesText(plan)}: ${parts.join(', ')}${sandbox}, ${limits}.${alsoText(plan, envelope)}`;
}
