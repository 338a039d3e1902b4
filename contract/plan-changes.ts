/** What became of a plan since it was approved last: each text that differs, as it was and as it is. Pure. */
import { planTexts, type TextGroup } from './plan-texts.ts';
import { allNodes, type Plan } from './plan.ts';
import { z } from './zod.ts';

/** `node`: its id, `plan` for what belongs to none. Null: it was not there, or is there no more. Lines at both ends that are the same are left out. */
export const PlanChangeSchema = z.object({
  node: z.string(),
  name: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type PlanChange = z.output<typeof PlanChangeSchema>;

/** `changes`: at most 500, dearer than the names of nodes since they are read. */
export const PlanDiffSchema = z.object({
  against: z.string(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.string()),
  changes: z.array(PlanChangeSchema),
});

const MAX_CHANGES = 500;
const MAX_CHARS = 4000;

export function planChanges(before: Plan, after: Plan): PlanChange[] {
  const old = textsOf(before);
  const now = textsOf(after);
  const found: PlanChange[] = [];
  for (const key of new Set([...now.keys(), ...old.keys()])) {
    const was = old.get(key);
    const is = now.get(key);
    if (was?.text === is?.text) continue;
    const { node, name } = is ?? was ?? { node: '', name: '' };
    found.push({ node, name, ...trimmed(was?.text ?? null, is?.text ?? null) });
    if (found.length === MAX_CHANGES) break;
  }
  return found;
}

type Named = { node: string; name: string; text: string };

/** Every text of a plan by node and name; what a node is and waits for too. */
function textsOf(plan: Plan): Map<string, Named> {
  const nodes = [...allNodes(plan.nodes)].map(({ node }) => node);
  const own = nodes.flatMap(({ id, kind, needs }): Named[] => [
    { node: id, name: 'kind', text: kind },
    ...(needs.length === 0 ? [] : [{ node: id, name: 'needs', text: needs.join(', ') }]),
  ]);
  const texts = [...planTexts(plan).flatMap(partsOf), ...own];
  return new Map(texts.map((item) => [`${item.node}\n${item.name}`, item]));
}

function partsOf({ id, kind, settings, parts }: TextGroup): Named[] {
  const short = settings === '' ? [] : [{ name: 'settings', text: settings }];
  return [...parts, ...short].map(({ name, text }) => ({ node: kind === null ? 'plan' : id, name, text }));
}

function trimmed(before: string | null, after: string | null): Pick<PlanChange, 'before' | 'after'> {
  if (before === null || after === null) return { before: clipped(before), after: clipped(after) };
  const old = before.split('\n');
  const now = after.split('\n');
  const least = Math.min(old.length, now.length);
  let head = 0;
  while (head < least && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < least - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const between = (lines: string[]): string | null =>
    clipped([...(head > 0 ? ['…'] : []), ...lines.slice(head, lines.length - tail), ...(tail > 0 ? ['…'] : [])].join('\n'));
  return { before: between(old), after: between(now) };
}

function clipped(text: string | null): string | null {
  return text === null || text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}… (${text.length - MAX_CHARS} characters more)`;
}
