/**
 * What is approved with a plan, as texts for whoever decides: every value of the plan and of every node, none left out and none cut. What has
 * a form that reads better than the field (commands, changed files) stands in that form. Terminal, dashboard and MCP show these. Pure.
 */
import { isJsonObject, type Json } from './json.ts';
import { validations } from './nodes/patch.ts';
import { withoutDefaults } from './plan-defaults.ts';
import { allNodes, isContainer, type Plan, type PlanNode } from './plan.ts';
import { argvText } from './commands/shell-words.ts';
import { knownDiff, pathsOfDiff } from './unified-diff.ts';

/** One text, by the path of its field. */
export type TextPart = { name: string; text: string };
/** `settings`: what is short, in one line. `kind` null: the plan itself. */
export type TextGroup = { id: string; kind: string | null; settings: string; parts: TextPart[] };

/** A longer text stands by itself. */
const SHORT_CHARS = 40;

/** Of the plan, then of each node, in the order of `allNodes`; where there is nothing to say, nothing is said. `hasDefaults`: also what a node would have anyway. */
export function planTexts(plan: Plan, hasDefaults = true): TextGroup[] {
  const { version: _version, title: _title, nodes, intent, ...rest } = plan;
  const own = groupOf('plan', null, leavesOf({ ...(intent === '' ? {} : { intent }), ...rest }, ''));
  return [own, ...[...allNodes(nodes)].map(({ node }) => nodeTexts(node, hasDefaults))].filter(
    ({ settings, parts }) => settings !== '' || parts.length > 0,
  );
}

/** Any JSON value in the same form: what a gate shows as its evidence. */
export function valueTexts(id: string, value: Json): TextGroup {
  return groupOf(id, null, leavesOf(value, ''));
}

/** Bodies and compensations are nodes of their own; what a node waits for stands in the graph. */
function nodeTexts(node: PlanNode, hasDefaults: boolean): TextGroup {
  const { id, kind, needs: _needs, compensate: _compensate, with: given, ...base } = node;
  const fields: Record<string, unknown> = hasDefaults ? { ...given } : withoutDefaults(given, kind);
  const rest = hasDefaults ? base : withoutDefaults(base, null);
  if (isContainer(node)) delete fields['nodes'];
  const special = specialParts(node);
  for (const { field } of special) delete fields[field];
  const leaves = leavesOf({ ...fields, ...rest }, '');
  return groupOf(id, kind, [...special, ...leaves]);
}

type Leaf = TextPart & { isShort: boolean };
type SpecialLeaf = Leaf & { field: string };

function specialParts(node: PlanNode): SpecialLeaf[] {
  const whole = (field: string, text: string, name = field): SpecialLeaf => ({ field, name, text, isShort: false });
  if (node.kind === 'process') return [whole('argv', argvText(node.with.argv), 'command')];
  if (node.kind !== 'patch') return [];
  const { diff, files = [], validate } = node.with;
  return [
    ...(diff === undefined ? [] : [whole('diff', diff, diffName(diff))]),
    ...files.map(({ path, content }) => whole('files', changeText(content), `${content === null ? 'delete' : 'write'} ${oneWord(path)}`)),
    ...(validate === undefined ? [] : [whole('validate', validations(validate).map(argvText).join('\n'))]),
  ];
}

/** With the files as git reads them, which is not always how they look in the text. */
function diffName(diff: string): string {
  const paths = pathsOfDiff(knownDiff(diff) ?? []);
  return paths.length === 0 ? 'diff' : `diff of ${paths.map(oneWord).join(', ')}`;
}

/** A file that is written as a whole, in the form of a diff. */
function changeText(content: string | null): string {
  if (content === null) return 'the file is deleted';
  const lines = content.split('\n');
  const isEnded = lines.at(-1) === '';
  const added = (isEnded ? lines.slice(0, -1) : lines).map((line) => `+${line}`);
  return [...added, ...(isEnded || content === '' ? [] : ['\\ No newline at end of file'])].join('\n');
}

/** Every value below, by its path; an object or a list that is empty is one. */
function leavesOf(value: Json, path: string): Leaf[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item, index) => leavesOf(item, `${path}[${index}]`));
  if (isJsonObject(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, item]) => leavesOf(item, path === '' ? oneWord(key) : `${path}.${oneWord(key)}`));
  if (typeof value !== 'string') return value === undefined ? [] : [{ name: path, text: JSON.stringify(value), isShort: true }];
  return [isShort(value) ? { name: path, text: oneWord(value), isShort: true } : { name: path, text: value, isShort: false }];
}

const isShort = (text: string): boolean => text.length <= SHORT_CHARS && !/[^\S ]/.test(text);

function groupOf(id: string, kind: string | null, leaves: Leaf[]): TextGroup {
  const short = leaves.filter((leaf) => leaf.isShort);
  const parts = leaves.filter((leaf) => !leaf.isShort).map(({ name, text }) => ({ name, text }));
  return { id, kind, settings: short.map(({ name, text }) => `${name}: ${text}`).join(' · '), parts };
}

/** Names and short values that could be taken for more than one are quoted, so that none of them can imitate what stands around it. */
const oneWord = (text: string): string => (/^[\w./@+*$-]+$/.test(text) ? text : JSON.stringify(text));
