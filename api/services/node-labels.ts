/** Where the output of a node comes from, as far as it is stored: in the end of its run, in the ledger, in the events, in what a fork took over. */
import type { Reuse } from '#contract/fork.ts';
import type { Json } from '#contract/json.ts';
import { labelText } from '#contract/label-view.ts';
import { CLEAN, namedAfter, OUTSIDE, type Label } from '#contract/labels.ts';
import type { NodeDetail, RunRecord } from '#contract/objects.ts';
import { isNodeEnded, type NodeState } from '#contract/run-state.ts';
import type { Core } from '../deps.ts';
import type { Final } from './run-states.ts';

/** Of an entry of the effect ledger. `label` is absent in runs that began before outputs had labels. */
export type RecordedLabel = { state: string; output: Json; output_ref: string | null; label?: Label };

const NOT_KEPT =
  'Where it comes from is not known: the run began before that was kept, or did not come to write it down. Take it as not trusted and private.';

/**
 * What the workflow said of an output when it ended; undefined where it said nothing, because the run goes on, was ended from outside, or began
 * before outputs had labels. Of an output that its end does not hold nothing is known: that no label stands there does not make it clean.
 */
export function labelAtEnd(final: Final | null, node: string): Label | undefined {
  if (!final?.labels || !Object.hasOwn(final.outputs, node)) return undefined;
  return Object.hasOwn(final.labels, node) ? final.labels[node] : CLEAN;
}

/** Out: the label of what a node put out, and what it means or why there is none. In: the node as it is now, its last entry in the ledger. */
export async function labelOf(
  core: Core,
  record: RunRecord,
  node: NodeState,
  last: RecordedLabel | undefined,
): Promise<Pick<NodeDetail, 'label' | 'label_text'>> {
  const label =
    labelAtEnd(await core.states.final(record), node.id) ??
    recorded(last) ??
    (node.status === 'done' ? ((await core.states.liveLabel(record, node.id)) ?? (await takenOver(core, record, node.id))) : undefined);
  if (label !== undefined) return { label, label_text: labelText(label) };
  return { label: null, label_text: whyNone(node) };
}

/** An effect's entry holds what went into it. */
function recorded(last: RecordedLabel | undefined): Label | undefined {
  return last?.state === 'done' ? last.label : undefined;
}

/** In a fork: as the run says it that takes the node over. */
async function takenOver(core: Core, { reuse_ref: ref }: RunRecord, node: string): Promise<Label | undefined> {
  const bytes = ref === undefined ? null : await core.gics.getBlob(ref);
  if (bytes === null) return undefined;
  const { nodes } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Reuse;
  return Object.hasOwn(nodes, node) ? namedAfter(nodes[node]?.label ?? OUTSIDE, node) : undefined;
}

function whyNone({ status }: NodeState): string {
  if (status !== 'done') return isNodeEnded(status) ? 'It put nothing out.' : 'It has put nothing out yet.';
  return NOT_KEPT;
}
