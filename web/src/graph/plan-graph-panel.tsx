import { useState } from 'react';
import { planNodesText } from '#contract/node-figures.ts';
import type { Plan } from '#contract/plan.ts';
import { Choice } from '../ui/list.tsx';
import { Panel } from '../ui/panel.tsx';
import { DRAWN_NODES_MAX, Graph, useIsWide } from './graph.tsx';
import { itemsOfPlan } from './item.ts';

export const GRAPH_FORMS = [
  ['graph', 'Graph'],
  ['list', 'List'],
] as const;

/** The plan as a picture, nothing to change in it. */
export function PlanGraphPanel({ plan }: { plan: Plan }) {
  const isWide = useIsWide();
  const [form, setForm] = useState<'graph' | 'list' | null>(null);
  const items = itemsOfPlan(plan);
  const isTooLarge = items.length > DRAWN_NODES_MAX;
  const shown = form ?? (isWide ? 'graph' : 'list');
  return (
    <Panel
      title="Plan graph"
      isFlush
      hint={`${planNodesText(plan)}${isTooLarge ? ', too many to draw: shown as a list' : ''}`}
      aside={!isTooLarge && <Choice label="How to show the plan" value={shown} options={GRAPH_FORMS} onChange={setForm} />}
    >
      <Graph items={items} isList={shown === 'list'} />
    </Panel>
  );
}
