import { lazy, Suspense, useSyncExternalStore } from 'react';
import { Skeleton } from '../ui/panel.tsx';
import { layoutGraph } from '../lib/layout.ts';
import type { GraphItem } from './item.ts';
import { Outline } from './outline.tsx';

const GraphCanvas = lazy(async () => ({ default: (await import('./canvas.tsx')).GraphCanvas }));

/** What a person can still read as a drawing; above it the outline is shown. */
export const DRAWN_NODES_MAX = 300;
const ROW_PX = 92;
const COLUMN_PX = 276;
/** Of the width, what lies between the margins. */
const FITTED = 0.84;
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
    <div className="@container">
      <div style={{ height: heightOf(items) }}>
        <Suspense fallback={<Skeleton lines={6} />}>
          <GraphCanvas items={items} {...rest} />
        </Suspense>
      </div>
    </div>
  );
}

/** As high as the fullest column needs at the scale at which all columns fit, within limits, so that nothing stands in an empty field. */
function heightOf(items: readonly GraphItem[]): string {
  const places = [...layoutGraph(items).values()];
  const spread = (of: number[]): number => (of.length === 0 ? 1 : Math.max(...of) - Math.min(...of) + 1);
  const rowsPx = spread(places.map(({ row }) => row)) * ROW_PX;
  const columnsPx = spread(places.map(({ layer }) => layer)) * COLUMN_PX;
  const scaled = `${((FITTED * rowsPx) / columnsPx).toFixed(4)} * 100cqw`;
  return `clamp(220px, min(${rowsPx}px, ${scaled}) + 96px, 820px)`;
}
