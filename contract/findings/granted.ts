/** What is dangerous about what the envelope grants and no node of the plan does: nodes that are added while it runs may do it unasked. Pure. */
import { actsOf } from '../commands/acts.ts';
import { withoutInput } from '../commands/form.ts';
import type { Envelope } from '../envelope.ts';
import { commandDangers, networkDangers, type Danger } from './danger.ts';
import { classesOf } from './danger-files.ts';
import { beyond, commandsBeyond } from './executes.ts';
import { finding, quoteAll } from './finding.ts';
import { EFFECT_KINDS } from '../nodes/index.ts';
import type { Effects } from '../nodes/kind.ts';
import type { Finding } from '../objects.ts';
import { pathCovers, readableWord, wordCovers } from '../pattern.ts';
import { allNodes, type Plan, type PlanNode } from '../plan.ts';
import { plannedEffects } from '../plan-envelope.ts';

type Granted = Pick<Envelope, 'kinds' | 'tools' | 'commands' | 'paths' | 'hosts'>;

/** Files of which one is enough; a pattern whose first folder is open means them among others. */
const PROBES = [
  '.github/workflows/x.yml',
  '.gitlab-ci.yml',
  '.husky/pre-commit',
  '.envrc',
  '.vscode/tasks.json',
  'CLAUDE.md',
  '.mcp.json',
  'package.json',
  'Makefile',
];
const OPEN_START = /^(?:\.\/)*\*/;

/** Agents of the registry may add a node by a call of their own to any run that may delegate to them. */
export function callersOf({ kinds, tools }: Pick<Envelope, 'kinds' | 'tools'>): string[] {
  return kinds.includes('delegate') ? tools.filter((tool) => tool.startsWith('agent/') || wordCovers(tool, 'agent/x')) : [];
}

/** Whether added nodes could do more than think. */
export const mayAct = ({ kinds }: Pick<Envelope, 'kinds'>): boolean =>
  kinds.some((kind) => kind !== 'llm' && EFFECT_KINDS.some((known) => known === kind));

export const actingCallersOf = (envelope: Pick<Envelope, 'kinds' | 'tools'>): string[] => (mayAct(envelope) ? callersOf(envelope) : []);

/** By whom nodes may be added; null when nobody may. */
function growersOf(nodes: readonly PlanNode[], envelope: Granted): string | null {
  const who = [
    ...nodes.filter(({ kind }) => kind === 'subplan').map(({ id }) => `\`${id}\``),
    ...nodes.flatMap((node) => (node.kind === 'delegate' && node.with.plan !== undefined ? `\`${node.id}\`` : [])),
    ...callersOf(envelope).map((tool) => `\`${tool}\``),
  ];
  return who.length === 0 ? null : `${who.slice(0, 3).join(', ')}${who.length > 3 ? ` and ${who.length - 3} more` : ''}`;
}

export function grantedFindings(plan: Plan, envelope: Granted): Finding[] {
  const nodes = [...allNodes(plan.nodes)].map(({ node }) => node);
  const growers = growersOf(nodes, envelope);
  if (growers === null) return [];
  const own = nodes.map(plannedEffects);
  const dangers = [...dangersOfCommands(envelope, own), ...dangersOfPaths(envelope, own)];
  const said = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);
  const who = `No node of the plan does this, but nodes that are added while it runs (by ${growers}) may, without a question: `;
  return dangers.map((danger) => finding({ ...danger, message: `${who}${said(danger.message)}` }));
}

const actsOfPattern = (pattern: readonly string[]): ReturnType<typeof actsOf> => {
  const { called, input } = withoutInput(pattern);
  return actsOf({ argv: called.map(readableWord), stdin: readableWord(input) });
};

function dangersOfCommands(envelope: Granted, own: readonly Effects[]): Danger[] {
  const { kinds, commands, hosts } = envelope;
  if (!kinds.includes('process') && !kinds.includes('patch')) return [];
  const added = commandsBeyond(commands, own).flatMap(actsOfPattern);
  const ownHosts = new Set(own.flatMap((one) => one.hosts));
  // A command of the plan, run again with a host that it did not have, is another one.
  const reaching = hosts.every((host) => ownHosts.has(host)) ? added : commands.flatMap(actsOfPattern);
  return [...commandDangers(added), ...(kinds.includes('process') && reaching.length > 0 ? networkDangers(reaching, hosts) : [])];
}

function dangersOfPaths({ kinds, paths }: Granted, own: readonly Effects[]): Danger[] {
  if (!kinds.includes('process') && !kinds.includes('patch')) return [];
  const added = beyond(
    paths.write,
    own.flatMap((one) => one.write),
    pathCovers,
  );
  const remedy = 'Name the files that added nodes may write in `envelope.paths.write`.';
  const known = classesOf(added).map(({ group: { rule, severity, what }, paths: found }): Danger => {
    return { rule, severity, message: `It may change ${what}.`, evidence: quoteAll(found), remedy };
  });
  const open = added.filter((path) => OPEN_START.test(path) && PROBES.some((probe) => pathCovers(path, probe)));
  if (open.length === 0 || open.includes('**')) return known;
  const message = 'It may change files of which only a part of the name is known: build services, hooks and settings can be among them.';
  return [...known, { rule: 'WIDE_WRITE', severity: 'high', message, evidence: quoteAll(open), remedy }];
}
