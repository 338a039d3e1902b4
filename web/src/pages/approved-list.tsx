import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BadgeCheck } from 'lucide-react';
import { approvedList } from '../api/queries.ts';
import { shortId } from '../lib/format.ts';
import { MoreButton, PageHead } from '../ui/list.tsx';
import { Empty, Loaded, Panel } from '../ui/panel.tsx';
import { Untrusted } from '../ui/text.tsx';
import { When } from '../ui/time.tsx';
import { GrantsPanel } from './approved/grants.tsx';
import { ApprovalState } from './approved/state.tsx';

export function ApprovedListPage() {
  const query = useInfiniteQuery(approvedList());
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageHead title="Approved" lead="Signed plans. Only these can be run." />
      <div className="flex flex-col gap-5">
        <Panel title="Approved plans" isFlush>
          <Loaded query={{ ...query, data: items }} lines={6}>
            {(list) =>
              list.length === 0 ? (
                <Empty icon={BadgeCheck} title="Nothing is approved yet">
                  Approve a draft on the{' '}
                  <Link to="/plans" className="text-accent underline">
                    Plans
                  </Link>{' '}
                  page.
                </Empty>
              ) : (
                <ul className="divide-y divide-line">
                  {list.map((item) => (
                    <li key={item.id}>
                      <Link
                        to="/approved/$id"
                        params={{ id: item.id }}
                        className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-sunken sm:px-5"
                      >
                        <span className="min-w-0 flex-1 basis-60 font-medium [overflow-wrap:anywhere]">
                          <Untrusted text={item.plan.title} />
                        </span>
                        <span className="code text-muted" title={item.id}>
                          {shortId(item.id)}
                        </span>
                        <span className="text-[0.9rem] text-muted">
                          <When at={item.approved_at} /> by <span className="code">{item.approved_by}</span>
                        </span>
                        <ApprovalState approved={item} />
                      </Link>
                    </li>
                  ))}
                </ul>
              )
            }
          </Loaded>
          <MoreButton query={query} />
        </Panel>
        <GrantsPanel />
      </div>
    </>
  );
}
