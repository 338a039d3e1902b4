import { BadgeCheck, Ban, Clock } from 'lucide-react';
import type { Approved } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { Badge } from '../../ui/badge.tsx';
import { useNow } from '../../ui/time.tsx';

/** Null when it can start a run now, else the sentence why it cannot. */
export function cannotRun(approved: Approved, nowMs: number): string | null {
  if (approved.revoked_at !== null) return 'The approval was revoked.';
  if (Date.parse(approved.expires_at) <= nowMs) return 'The approval has expired. Make a new draft of the plan and approve that.';
  if (approved.runs_started >= approved.max_runs)
    return 'All runs of this approval are used. Make a new draft of the plan and approve that.';
  return null;
}

export function ApprovalState({ approved }: { approved: Approved }) {
  const now = useNow(10_000);
  if (approved.revoked_at !== null)
    return (
      <Badge tone="bad" icon={Ban}>
        revoked
      </Badge>
    );
  if (Date.parse(approved.expires_at) <= now)
    return (
      <Badge tone="neutral" icon={Clock}>
        expired
      </Badge>
    );
  const left = approved.max_runs - approved.runs_started;
  return (
    <Badge tone={left > 0 ? 'ok' : 'neutral'} icon={BadgeCheck}>
      {left > 0 ? `${plural(left, 'run')} left` : 'runs used'}
    </Badge>
  );
}
