/** Whether one envelope lies inside of another: what is delegated or granted never exceeds what it comes from. */
import { outsideOf, type Envelope, type Outside } from './envelope.ts';

const NUMBERS = ['max_nodes', 'max_depth', 'max_parallel'] as const;
const BUDGET = ['usd', 'tokens', 'wall_ms'] as const;

/** Every part of `child` that `parent` does not cover. */
export function envelopeOutside(parent: Envelope, child: Envelope): Outside[] {
  const { commands, paths, hosts, tools, models, secrets, requests = [], flows = [] } = child;
  const kinds = child.kinds.filter((kind) => !parent.kinds.includes(kind));
  const more = (part: string, asked: number, limit: number): Outside[] =>
    asked > limit ? [{ part, pattern: String(asked), message: `${part} ${asked} is more than ${limit}` }] : [];
  return [
    ...kinds.map((kind): Outside => ({ part: 'kinds', pattern: kind, message: `the kind \`${kind}\` is not granted` })),
    ...outsideOf(parent, { commands, read: paths.read, write: paths.write, hosts, tools, models, secrets, requests }),
    ...flows
      .filter((flow) => !(parent.flows ?? []).includes(flow))
      .map((flow): Outside => ({ part: 'flows', pattern: flow, message: `that \`${flow}\` sends private data is not granted` })),
    ...BUDGET.flatMap((part) => more(`budget.${part}`, child.budget[part], parent.budget[part])),
    ...NUMBERS.flatMap((part) => more(part, child[part], parent[part])),
  ];
}
