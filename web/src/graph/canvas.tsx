/** The drawn graph. Only this file knows the drawing library; it comes in its own chunk. */
import { Background, Controls, Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import './canvas.css';
import { memo, useMemo } from 'react';
import { layoutGraph, type LayoutNode } from '../lib/layout.ts';
import { NODE_WORDS, type Tone } from '../lib/words.ts';
import { viewOf } from '../nodes/index.ts';
import { NODE_ICONS } from '../ui/status.tsx';
import { Untrusted } from '../ui/text.tsx';
import type { GraphItem } from './item.ts';

const SIZE = { width: 216, height: 76 };
const STEP = { x: 276, y: 92 };

type Data = { item: GraphItem; isSelected: boolean; onSelect: ((id: string) => void) | undefined };
type Box = Node<Data, 'step'>;
type Props = { items: readonly GraphItem[]; selected?: string | null; onSelect?: (id: string) => void };

const TYPES = { step: memo(Step) };
/** The buttons stand in a strip of their own below what is drawn. */
const FIT = { padding: { x: '8%', top: '24px', bottom: '56px' }, maxZoom: 1 } as const;

export function GraphCanvas({ items, selected, onSelect }: Props) {
  const shape = JSON.stringify(items.map(({ id, needs }) => ({ id, needs })));
  // A plan does not change while it runs: its layout is made once, states only repaint.
  const places = useMemo(() => layoutGraph(JSON.parse(shape) as LayoutNode[]), [shape]);
  const edges = useMemo(() => edgesOf(items), [items]);
  const nodes = useMemo(
    () =>
      items.map((item): Box => {
        const place = places.get(item.id) ?? { layer: 0, row: 0 };
        return {
          id: item.id,
          type: 'step',
          position: { x: place.layer * STEP.x, y: place.row * STEP.y },
          ...SIZE,
          data: { item, isSelected: item.id === selected, onSelect },
        };
      }),
    [items, places, selected, onSelect],
  );
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={TYPES}
      fitView
      fitViewOptions={FIT}
      minZoom={0.1}
      maxZoom={1.6}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      zoomOnScroll={false}
      preventScrolling={false}
      proOptions={{ hideAttribution: true }}
    >
      <Background gap={22} size={1} />
      <Controls showInteractive={false} fitViewOptions={FIT} orientation="horizontal" />
    </ReactFlow>
  );
}

function edgesOf(items: readonly GraphItem[]): Edge[] {
  const status = new Map(items.map((item) => [item.id, item.status]));
  return items.flatMap((item) =>
    item.needs
      .filter((need) => status.has(need))
      .map((need) => ({
        id: `${need}>${item.id}`,
        source: need,
        target: item.id,
        className: status.get(need) === 'done' ? 'edge-passed' : 'edge-open',
      })),
  );
}

const BORDER: Record<Tone, string> = {
  neutral: 'border-line',
  info: 'border-accent',
  ok: 'border-ok/60',
  warn: 'border-warn',
  bad: 'border-bad',
};
const TEXT: Record<Tone, string> = { neutral: 'text-muted', info: 'text-accent', ok: 'text-ok', warn: 'text-warn', bad: 'text-bad' };

function Step({ data: { item, isSelected, onSelect } }: NodeProps<Box>) {
  const view = viewOf(item.kind);
  const Icon = view.icon;
  const words = item.status === null ? null : NODE_WORDS[item.status];
  const tone = words?.tone ?? 'neutral';
  const StatusIcon = item.status === null ? null : NODE_ICONS[item.status];
  const isFaint = item.status === 'pending' || item.status === 'skipped';
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <button
        type="button"
        disabled={!onSelect}
        onClick={() => onSelect?.(item.id)}
        aria-label={`${item.title}, ${view.label}${words ? `, ${words.text}` : ''}`}
        className={`nodrag pointer-events-auto flex h-full w-full flex-col justify-center gap-0.5 rounded-lg border-[1.5px] bg-surface px-3 text-left shadow-(--shadow) ${BORDER[tone]} ${isFaint ? 'border-dashed' : ''} ${isSelected ? 'ring-2 ring-accent' : ''}`}
      >
        <span className="flex w-full items-center gap-2">
          <Icon aria-hidden className={`size-4 shrink-0 ${TEXT[tone]}`} />
          <span className="truncate font-medium">
            <Untrusted text={item.title} />
          </span>
        </span>
        <span className="code w-full truncate text-muted">
          <Untrusted text={item.summary.slice(0, 80) || view.label} />
        </span>
        {words && StatusIcon && (
          <span className={`flex w-full items-center gap-1 text-[0.8rem] font-semibold ${TEXT[tone]}`}>
            <StatusIcon aria-hidden className={`size-3.5 shrink-0 ${item.status === 'running' ? 'spin' : ''}`} />
            <span className="truncate">
              {words.text}
              {item.note !== '' && <span className="font-normal text-muted"> · {item.note}</span>}
            </span>
          </span>
        )}
      </button>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}
