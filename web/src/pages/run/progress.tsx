import type { Run } from '#contract/objects.ts';
import { progressOf } from '../../lib/words.ts';

export function Progress({ nodes, tone }: { nodes: Run['nodes']; tone: 'ok' | 'bad' }) {
  const percent = Math.round(progressOf(nodes) * 100);
  return (
    <span className="flex items-center gap-2">
      <span
        role="progressbar"
        aria-label="progress"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-1.5 min-w-16 flex-1 overflow-hidden rounded-full bg-sunken"
      >
        <span
          className={`block h-full rounded-full transition-all ${tone === 'ok' ? 'bg-ok' : 'bg-bad'}`}
          style={{ width: `${percent}%` }}
        />
      </span>
      <span className="tabular text-[0.88rem] text-muted">
        {nodes.done + nodes.skipped}/{nodes.total}
      </span>
    </span>
  );
}
