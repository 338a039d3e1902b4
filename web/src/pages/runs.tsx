import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import type { Run } from '#contract/objects.ts';
import { runs } from '../api/queries.ts';
import { cost, duration, shortId } from '../lib/format.ts';
import { Choice, MoreButton, PageHead } from '../ui/list.tsx';
import { Empty, Loaded, Panel } from '../ui/panel.tsx';
import { PriorityBadge } from '../ui/priority.tsx';
import { RunBadge } from '../ui/status.tsx';
import { Untrusted } from '../ui/text.tsx';
import { useNow, When } from '../ui/time.tsx';
import { Progress } from './run/progress.tsx';

const route = getRouteApi('/runs');
const FILTERS = [
  ['all', 'All'],
  ['running', 'Running'],
  ['error', 'Failed'],
  ['done', 'Done'],
  ['cancelled', 'Stopped'],
  ['archived', 'Archived'],
] as const;

export function RunsPage() {
  const { status, archived } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(runs(status, archived === true));
  const items = query.data?.pages.flatMap((page) => page.items);
  const shown = archived ? 'archived' : status === 'pending' ? 'all' : (status ?? 'all');
  return (
    <>
      <PageHead title="Runs" lead="Newest first, as they happen." />
      <Panel
        title="Runs"
        isFlush
        aside={
          <Choice
            label="Show runs"
            value={shown}
            options={FILTERS}
            onChange={(next) =>
              void navigate({ search: next === 'all' ? {} : next === 'archived' ? { archived: true } : { status: next } })
            }
          />
        }
      >
        <Loaded query={{ ...query, data: items }} lines={8}>
          {(list) => (list.length === 0 ? <NoRuns isFiltered={shown !== 'all'} /> : <List runs={list} />)}
        </Loaded>
        <MoreButton query={query} />
      </Panel>
    </>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Empty icon={Play} title={isFiltered ? 'No run in this filter' : 'Nothing has run yet'}>
      {isFiltered ? (
        <Link to="/runs" className="text-accent underline">
          Show all runs
        </Link>
      ) : (
        <>
          Approve a plan and run it, or start with an example on the{' '}
          <Link to="/plans" className="text-accent underline">
            Plans
          </Link>{' '}
          page.
        </>
      )}
    </Empty>
  );
}

function List({ runs: list }: { runs: readonly Run[] }) {
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
