import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Run } from '#contract/objects.ts';
import { runs } from '../../api/queries.ts';
import { shortId } from '../../lib/format.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { MoreButton } from '../../ui/list.tsx';
import { Loaded } from '../../ui/panel.tsx';
import { RunBadge } from '../../ui/status.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { When } from '../../ui/time.tsx';

/** Which run to put beside this one: those of the same plan come first. */
export function CompareDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const query = useInfiniteQuery(runs({}));
  const others = query.data?.pages.flatMap((page) => page.items).filter((other) => other.id !== run.id);
  const rank = (other: Run): number =>
    other.id === run.forked_from?.run_id || other.forked_from?.run_id === run.id ? 0 : other.title === run.title ? 1 : 2;
  return (
    <Dialog title="Compare with" onClose={onClose}>
      <Loaded query={{ ...query, data: others?.toSorted((a, b) => rank(a) - rank(b)) }}>
        {(list) =>
          list.length === 0 ? (
            <p className="text-muted">There is no other run yet. A fork of this one is the best to compare it with.</p>
          ) : (
            <ul className="divide-y divide-line" aria-label="runs to compare with">
              {list.map((other) => (
                <li key={other.id}>
                  <Link
                    to="/runs/$id/compare/$other"
                    params={{ id: run.id, other: other.id }}
                    className="flex flex-wrap items-center gap-x-3 gap-y-1 px-1 py-2 hover:bg-sunken"
                  >
                    <RunBadge run={other} />
                    <span className="min-w-0 flex-1 basis-40 truncate">
                      <Untrusted text={other.title} />
                    </span>
                    <span className="text-[0.88rem] text-muted">
                      <span className="code">{shortId(other.id)}</span> <When at={other.created_at} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <MoreButton query={query} />
    </Dialog>
  );
}
