import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { runs } from '../api/queries.ts';
import { Choice, MoreButton, PageHead } from '../ui/list.tsx';
import { Empty, Loaded, Panel } from '../ui/panel.tsx';
import { RunList } from './run/run-list.tsx';
import { RunsOf } from './run/runs-of.tsx';

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
  const { approved } = route.useSearch();
  return (
    <>
      <PageHead title="Runs" lead="Newest first, as they happen." />
      {approved === undefined ? <EveryRun /> : <RunsOf approvedId={approved} hasAll />}
    </>
  );
}

function EveryRun() {
  const { status, archived } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(runs({ status, isArchived: archived === true }));
  const items = query.data?.pages.flatMap((page) => page.items);
  const shown = archived ? 'archived' : status === 'pending' ? 'all' : (status ?? 'all');
  return (
    <Panel
      title="Runs"
      isFlush
      aside={
        <Choice
          label="Show runs"
          value={shown}
          options={FILTERS}
          onChange={(next) => void navigate({ search: next === 'all' ? {} : next === 'archived' ? { archived: true } : { status: next } })}
        />
      }
    >
      <Loaded query={{ ...query, data: items }} lines={8}>
        {(list) => (list.length === 0 ? <NoRuns isFiltered={shown !== 'all'} /> : <RunList runs={list} />)}
      </Loaded>
      <MoreButton query={query} />
    </Panel>
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
