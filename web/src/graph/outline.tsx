import { CircleDashed } from 'lucide-react';
import { layoutGraph } from '../lib/layout.ts';
import { NODE_WORDS } from '../lib/words.ts';
import { viewOf } from '../nodes/index.ts';
import { Badge, TONE_CLASS } from '../ui/badge.tsx';
import { NODE_ICONS } from '../ui/status.tsx';
import { Untrusted } from '../ui/text.tsx';
import type { GraphItem } from './item.ts';

type Props = { items: readonly GraphItem[]; selected?: string | null; onSelect?: (id: string) => void };

/** The same nodes as a list in the order in which they can run: for phones, for large plans, for screen readers. */
export function Outline({ items, selected, onSelect }: Props) {
  const places = layoutGraph(items);
  const layerOf = (item: GraphItem): number => places.get(item.id)?.layer ?? 0;
  const sorted = items.toSorted((a, b) => layerOf(a) - layerOf(b));
  return (
    <ol className="divide-y divide-line" aria-label="nodes in the order in which they can run">
      {sorted.map((item) => (
        <li key={item.id}>
          <Entry item={item} selected={selected} onSelect={onSelect} />
          {item.steps.length > 0 && (
            <ol className="divide-y divide-line border-t border-line pl-6 sm:pl-10" aria-label={`steps of ${item.title}`}>
              {item.steps.map((step) => (
                <li key={step.id}>
                  <Entry item={step} selected={selected} onSelect={onSelect} />
                </li>
              ))}
            </ol>
          )}
        </li>
      ))}
    </ol>
  );
}

type EntryProps = { item: GraphItem; selected: string | null | undefined; onSelect: ((id: string) => void) | undefined };

function Entry({ item, selected, onSelect }: EntryProps) {
  if (!onSelect)
    return (
      <div className="px-4 py-2.5 sm:px-5">
        <Line item={item} />
      </div>
    );
  return (
    <button
      type="button"
      aria-current={item.id === selected || undefined}
      onClick={() => onSelect(item.id)}
      className="w-full px-4 py-2.5 text-left hover:bg-sunken aria-current:bg-accent-soft sm:px-5"
    >
      <Line item={item} />
    </button>
  );
}

function Line({ item }: { item: GraphItem }) {
  const view = viewOf(item.kind);
  const tone = item.status === null ? 'neutral' : NODE_WORDS[item.status].tone;
  const Icon = view.icon;
  return (
    <span className="flex items-start gap-3">
      <span className={`mt-0.5 flex size-7 shrink-0 items-center justify-center rounded-md ${TONE_CLASS[tone]}`}>
        <Icon aria-hidden className="size-4" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium [overflow-wrap:anywhere]">
            <Untrusted text={item.title} />
          </span>
          {item.status !== null && (
            <Badge tone={tone} icon={NODE_ICONS[item.status] ?? CircleDashed} isSpinning={item.status === 'running'}>
              {NODE_WORDS[item.status].text}
            </Badge>
          )}
          <span className="text-[0.85rem] text-muted">
            <Untrusted text={item.note} />
          </span>
        </span>
        <span className="code block text-muted">
          {view.label}
          {item.needs.length > 0 && ` after ${item.needs.join(', ')}`}
          {item.summary !== '' && ' · '}
          <Untrusted text={item.summary.slice(0, 200)} />
        </span>
      </span>
    </span>
  );
}
