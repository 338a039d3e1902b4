import { lazy, Suspense, useSyncExternalStore } from 'react';
import { Skeleton } from '../ui/panel.tsx';
import { layoutGraph } from '../lib/layout.ts';
import type { GraphItem } from './item.ts';
import { Outline } from './outline.tsx';

const GraphCanvas = lazy(async () => ({ default: (await import('./canvas.tsx')).GraphCanvas }));

/** What a person can still read as a drawing; above it the outline is shown. */
export const DRAWN_NODES_MAX = 300;
const ROW_PX = 92;
const WIDE = '(min-width: 48rem)';

export function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(WIDE);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(WIDE).matches,
  );
}

type Props = { items: readonly GraphItem[]; isList: boolean; selected?: string | null; onSelect?: (id: string) => void };

export function Graph({ items, isList, ...rest }: Props) {
  if (isList || items.length > DRAWN_NODES_MAX) return <Outline items={items} {...rest} />;
  return (
    <div style={{ height: heightOf(items) }}>
      <Suspense fallback={<Skeleton lines={6} />}>
        <GraphCanvas items={items} {...rest} />
      </Suspense>
    </div>
  );
}

/** As high as the fullest column needs, within limits, so that a chain does not stand in an empty field. */
function heightOf(items: readonly GraphItem[]): number {
  const rows = [...layoutGraph(items).values()].map((place) => place.row);
  const spread = rows.length === 0 ? 0 : Math.max(...rows) - Math.min(...rows);
  return Math.min(820, Math.max(220, (spread + 1) * ROW_PX + 96));
}
