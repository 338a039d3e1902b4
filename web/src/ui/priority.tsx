import { ChevronsDown, ChevronsUp } from 'lucide-react';
import { PRIORITIES, type Priority } from '#contract/priority.ts';
import { Badge } from './badge.tsx';

const WORDS: Record<Priority, string> = { low: 'low priority', normal: 'normal priority', high: 'high priority' };
const SHARES = 'Where more is to be done than workers can do at once: high gets four times the share of normal, and normal that of low.';

/** Which share of the workers a run gets. */
export function PriorityField({ value, onValue, isBusy }: { value: Priority; onValue: (value: Priority) => void; isBusy?: boolean }) {
  return (
    <select
      aria-label="Priority"
      title={SHARES}
      value={value}
      disabled={isBusy}
      onChange={(event) => {
        const chosen = PRIORITIES.find((priority) => priority === event.target.value);
        if (chosen !== undefined) onValue(chosen);
      }}
      className="min-h-9 rounded-lg border border-strong-line/60 bg-surface px-2.5 py-1.5 text-[0.92rem] text-ink focus-visible:border-accent"
    >
      {PRIORITIES.map((priority) => (
        <option key={priority} value={priority}>
          {WORDS[priority]}
        </option>
      ))}
    </select>
  );
}

/** Nothing for the usual one. */
export function PriorityBadge({ priority }: { priority: Priority }) {
  if (priority === 'normal') return null;
  return (
    <Badge tone={priority === 'high' ? 'warn' : 'neutral'} icon={priority === 'high' ? ChevronsUp : ChevronsDown}>
      {WORDS[priority]}
    </Badge>
  );
}
