import { Link } from '@tanstack/react-router';
import type { Run } from '#contract/objects.ts';
import { cost, duration, shortId } from '../../lib/format.ts';
import { PriorityBadge } from '../../ui/priority.tsx';
import { RunBadge } from '../../ui/status.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { useNow, When } from '../../ui/time.tsx';
import { Progress } from './progress.tsx';

/** Runs, each with its state; a click opens it. */
export function RunList({ runs: list }: { runs: readonly Run[] }) {
  const now = useNow();
  return (
    <ul className="divide-y divide-line">
      {list.map((run) => (
        <li key={run.id}>
          <Link
            to="/runs/$id"
            params={{ id: run.id }}
            className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1.5 px-4 py-3 hover:bg-sunken sm:px-5 lg:grid-cols-[minmax(0,1fr)_8.5rem_11rem_9rem]"
          >
            <span className="min-w-0">
              <span className="block truncate font-medium">
                <Untrusted text={run.title} />
              </span>
              <span className="code block truncate text-muted" title={`${run.id} of ${run.approved_id}`}>
                {shortId(run.id)} of {shortId(run.approved_id)}
              </span>
            </span>
            <span className="justify-self-end lg:justify-self-start">
              <span className="flex flex-col items-start gap-1">
                <RunBadge run={run} />
                <PriorityBadge priority={run.priority} />
              </span>
            </span>
            <Progress nodes={run.nodes} />
            <span className="tabular text-right text-[0.88rem] text-muted">
              <When at={run.created_at} />
              <span className="block">
                {tookText(run, now)} · {cost(run.cost_usd)}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function tookText(run: Run, now: number): string {
  if (run.started_at === null) return 'not started';
  return duration((run.finished_at === null ? now : Date.parse(run.finished_at)) - Date.parse(run.started_at));
}
