/** What a person reads who is asked whether a value may go where it would go. Pure. */
import { finding } from './findings/finding.ts';
import type { Json, JsonObject } from './json.ts';
import { isUntrusted, type Label } from './labels.ts';
import { whence } from './label-view.ts';
import { waysOut, type Flow, type LabelledEffect } from './label-rules.ts';
import type { Finding } from './objects.ts';
import { deltaLines, type Delta } from './plan-delta.ts';
import { renderedEffects } from './plan-envelope.ts';
import { readableWord } from './pattern.ts';

const VALUE_CHARS = 20_000;

export type FlowQuestion = { effect: LabelledEffect; flows: readonly Flow[]; delta: Delta };

const target = (effect: LabelledEffect): string => waysOut(renderedEffects(effect)).map(readableWord).join(', ');
const leaves = ({ flows }: Pick<FlowQuestion, 'flows'>): Flow | undefined => flows.find(({ rule }) => rule === 'PRIVATE_DATA_LEAVES');
const chooses = ({ flows }: Pick<FlowQuestion, 'flows'>): Flow | undefined => flows.find(({ rule }) => rule === 'UNTRUSTED_CHOICE');

export function flowTitle(question: Pick<FlowQuestion, 'effect' | 'flows'>): string {
  const { node } = question.effect;
  if (chooses(question)) return `May untrusted text choose what ${node} runs?`;
  if (leaves(question)) return `May ${node} send private data, with text that is not trusted, to ${target(question.effect)}?`;
  return `May ${node} do with untrusted text what was not approved?`;
}

function leak({ untrusted_from, private_from }: Label): string {
  return `Private data from ${whence(private_from)} and text from ${whence(untrusted_from)}, which anybody may have written, would leave together: such text can have told a model what to send.`;
}

/** Why it is asked, and where the value comes from. What is sent stands in the evidence, whole. */
export function flowReason(question: FlowQuestion): string {
  const [chosen, left] = [chooses(question), leaves(question)];
  const beyond = deltaLines({ ...question.delta, flows: [] });
  const { untrusted_from: from } = question.effect.labels.all;
  return [
    ...(chosen ? [`What is run comes from ${whence(chosen.label.untrusted_from)}, which nobody has approved.`] : []),
    ...(left ? [leak(left.label)] : []),
    ...(beyond.length === 0 ? [] : [`Text from ${whence(from)} leads beyond the envelope: ${beyond.join('; ')}.`]),
    'The value is in the evidence. A yes allows this one effect with exactly this value.',
  ].join('\n\n');
}

export function flowFindings(question: FlowQuestion): Finding[] {
  const { effect, flows } = question;
  return flows.map(({ rule, label }) =>
    finding({
      rule,
      severity: 'high',
      node: effect.node,
      message: rule === 'PRIVATE_DATA_LEAVES' ? leak(label) : `What is run comes from ${whence(label.untrusted_from)}.`,
      evidence: JSON.stringify(effect.with),
      remedy: 'Read the value; say no if it does not follow from the plan.',
    }),
  );
}

/** Of nodes that need more than was approved. In: where they were written. Out: null unless untrusted text named what is run. */
export function chosenFinding(text: Label, { commands, hosts, tools, models }: Delta): Finding | null {
  const named = [...commands.map((argv) => argv.join(' ')), ...hosts, ...tools, ...models];
  if (!isUntrusted(text) || named.length === 0) return null;
  return finding({
    rule: 'UNTRUSTED_CHOICE',
    severity: 'high',
    message: `What these nodes run was chosen by text from ${whence(text.untrusted_from)}, which nobody has approved.`,
    evidence: named.join('; '),
    remedy: 'Read the words; say no if they do not follow from the plan.',
  });
}

/** The effect as it would be done; of one that is too long to be read, its beginning. */
export function valueShown(rendered: object): Json {
  const text = JSON.stringify(rendered);
  return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS)}… (${text.length} characters)` : (rendered as JsonObject);
}
