import { runNodesText } from '#contract/node-figures.ts';
import type { Run } from '#contract/objects.ts';
import { sharesOf } from '../../lib/words.ts';

const FILLS = { done: 'bg-ok', failed: 'bg-bad', skipped: 'bg-strong-line' } as const;

/** The bar and the number say the same: how many are done. What failed or was skipped has its own colour and is no progress. */
export function Progress({ nodes }: { nodes: Run['nodes'] }) {
  const shares = sharesOf(nodes);
  const text = runNodesText(nodes);
  return (
    <span className="flex items-center gap-2" title={text}>
      <span
        role="progressbar"
        aria-label="progress"
        aria-valuenow={shares.done}
        aria-valuetext={text}
        aria-valuemin={0}
        aria-valuemax={100}
        className="flex h-1.5 min-w-16 flex-1 overflow-hidden rounded-full bg-sunken"
      >
        {(['done', 'failed', 'skipped'] as const).map((part) => (
          <span key={part} className={`block h-full transition-all ${FILLS[part]}`} style={{ width: `${shares[part]}%` }} />
        ))}
      </span>
      <span className="tabular text-[0.88rem] text-muted">
        {nodes.done}/{nodes.total}
      </span>
    </span>
  );
}
