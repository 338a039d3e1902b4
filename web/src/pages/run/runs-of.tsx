import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { runs } from '../../api/queries.ts';
import { MoreButton } from '../../ui/list.tsx';
import { Loaded, Panel } from '../../ui/panel.tsx';
import { RunList } from './run-list.tsx';

type Props = { approvedId: string; hasAll?: boolean };

/** The runs of one approved plan, archived ones too. `hasAll`: with a way to all runs. */
export function RunsOf({ approvedId, hasAll }: Props) {
  const query = useInfiniteQuery(runs({ approvedId }));
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel
      title={hasAll ? 'Runs of one approved plan' : 'Its runs'}
      isFlush
      aside={
        hasAll && (
          <Link to="/runs" search={{}} className="font-medium text-accent underline">
            Show all runs
          </Link>
        )
      }
    >
      <Loaded query={{ ...query, data: items }} lines={2}>
        {(list) => (list.length === 0 ? <p className="p-4 text-muted sm:px-5">No run was made of it yet.</p> : <RunList runs={list} />)}
      </Loaded>
      <MoreButton query={query} />
    </Panel>
  );
}
