/**
 * What values of which label may do. Untrusted text may fill parameters inside of what was granted and never chooses what is run, and private
 * data, untrusted text and a way out do not meet in one node unless a person has said so. Pure: the workflow asks by it, each effect checks by it.
 */
import { hashOf } from './canonical.ts';
import { withoutInput } from './commands/form.ts';
import { choosingTexts, type Command } from './commands/reading.ts';
import type { Envelope } from './envelope.ts';
import { wasOpenCommand } from './commands/first-choices.ts';
import { isPrivate, isUntrusted, type Label } from './labels.ts';
import type { InputLabels } from './label-reads.ts';
import type { NodeKind } from './nodes/index.ts';
import type { Effects } from './nodes/kind.ts';
import { isDynamic } from './pattern.ts';
import { renderedEffects } from './plan-envelope.ts';

export type FlowRule = 'UNTRUSTED_CHOICE' | 'PRIVATE_DATA_LEAVES';
/** One thing that a person has to allow. `label`: where it comes from. */
export type Flow = { rule: FlowRule; label: Label };

/** An effect as it would be done, with the labels of what goes into it. */
export type LabelledEffect = { node: string; kind: NodeKind; with: object; labels: InputLabels };

/** What an effect may send to: everything that is not on this machine. Models are named in the plan, and their providers by an admin. */
export function waysOut({ hosts, tools }: Pick<Effects, 'hosts' | 'tools'>): string[] {
  return [...hosts, ...tools];
}

export function choiceFlow(choice: Label): Flow[] {
  return isUntrusted(choice) ? [{ rule: 'UNTRUSTED_CHOICE', label: choice }] : [];
}

export function leakFlow(all: Label, effects: Pick<Effects, 'hosts' | 'tools'>): Flow[] {
  const meets = all.confidentiality === 'secret' || (isPrivate(all) && isUntrusted(all));
  return meets && waysOut(effects).length > 0 ? [{ rule: 'PRIVATE_DATA_LEAVES', label: all }] : [];
}

/** How an envelope names one effect with exactly these values. */
export function flowKey({ node, with: value }: Pick<LabelledEffect, 'node' | 'with'>): string {
  return `${node}#${hashOf('gimo.flow.v1', { node, with: value })}`;
}

/** `m[3].post` is an instance of the node `post` in `m`; what is stated of a container, or of an agent, holds for what is in it. */
const planNodesOf = (instance: string): string[] => instance.split('.').map((part) => part.replace(/\[\d+\]$/, ''));

/** What a person has to be asked about; none when it may be done. */
export function openFlows(effect: LabelledEffect, { flows = [] }: Pick<Envelope, 'flows'>): Flow[] {
  const { choice, all } = effect.labels;
  const found = [...choiceFlow(choice), ...leakFlow(all, renderedEffects(effect))];
  if (found.length === 0 || flows.includes(flowKey(effect))) return [];
  // A plan may state that a node sends private data. That untrusted text chooses what is run is asked about with the value alone.
  return planNodesOf(effect.node).some((id) => flows.includes(id)) ? found.filter(({ rule }) => rule === 'UNTRUSTED_CHOICE') : found;
}

/** What any further words of a command may be, as far as that can say what is run. */
const FURTHER = ['-c', '-e', '-x', '-I', '-O', '-execdir'].map((option) => [option, '*']).concat([['*']]);

/** Whether a granted command leaves open what is run. An input that is not named is none. */
function isOpenCommand(pattern: readonly string[]): boolean {
  const { called, input } = withoutInput(pattern);
  const forms = called.at(-1) === '**' ? FURTHER.map((further) => [...called.slice(0, -1), ...further]) : [called];
  return forms.some((argv) => leavesOpen({ argv, stdin: input }));
}

const leavesOpen = (command: Command): boolean => choosingTexts(command).some(isDynamic);

/** Whether a granted command itself says what is run in another one, so that a model chose no more than parameters of it. */
export function saysWhatRuns(pattern: readonly string[], command: readonly string[]): boolean {
  const { called, input } = withoutInput(command);
  const said = new Set(pattern);
  return choosingTexts({ argv: called, stdin: input }).every((text) => said.has(text));
}

/**
 * The part of an envelope that names what is run: untrusted text that writes nodes may choose among programs, hosts, tools and models that a person
 * has read, and not from what a star leaves open.
 */
export function namedIn(envelope: Envelope, readsCommands: boolean): Envelope {
  const named = (words: string[]): string[] => words.filter((word) => !isDynamic(word));
  const { commands, hosts, tools, models } = envelope;
  return {
    ...envelope,
    commands: commands.filter((argv) => !(readsCommands ? isOpenCommand : wasOpenCommand)(argv)),
    hosts: named(hosts),
    tools: named(tools),
    models: named(models),
  };
}
