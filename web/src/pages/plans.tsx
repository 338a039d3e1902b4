import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { drafts, uiStatus } from '../api/queries.ts';
import { Choice, MoreButton, PageHead } from '../ui/list.tsx';
import { Loaded, Panel } from '../ui/panel.tsx';
import { Examples } from './plans/examples.tsx';
import { PromptFactory } from './plans/prompt-factory.tsx';
import { ReviewTable } from './plans/review-table.tsx';

const route = getRouteApi('/plans');
const FILTERS = [
  ['all', 'All'],
  ['draft', 'To decide'],
  ['approved', 'Approved'],
  ['rejected', 'Rejected'],
  ['error', 'Error'],
] as const;

export function PlansPage() {
  const { status, view } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(drafts(status));
  const examples = useQuery(uiStatus()).data?.examples ?? [];
  const items = query.data?.pages.flatMap((page) => page.items);
  const isFirstVisit = items?.length === 0 && status === undefined;
  return (
    <>
      <PageHead title="Plans" lead="A draft does nothing until a person approves exactly what it says." />
      <div className="flex flex-col gap-5">
        {isFirstVisit && <Examples examples={examples} />}
        <PromptFactory />
        <Panel
          title="Review"
          isFlush
          aside={
            <Choice
              label="Show drafts"
              value={status ?? 'all'}
              options={FILTERS}
              onChange={(next) => void navigate({ search: next === 'all' ? {} : { status: next } })}
            />
          }
        >
          <Loaded query={{ ...query, data: items }} lines={6}>
            {(list) => (
              <ReviewTable
                drafts={list}
                isFiltered={status !== undefined}
                opened={view ?? null}
                onOpen={(id) => void navigate({ search: (before) => ({ ...before, view: id ?? undefined }), replace: true })}
              />
            )}
          </Loaded>
          <MoreButton query={query} />
        </Panel>
        {!isFirstVisit && <Examples examples={examples} />}
      </div>
    </>
  );
}
