import { useInfiniteQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import type { DiffView } from '#contract/routes/repo.ts';
import { diff } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Loaded, Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';

/** What the working copy holds that the last commit does not. */
export function ChangesPanel() {
  const query = useInfiniteQuery(diff());
  const pages = query.data?.pages.map((page) => page.items);
  return (
    <Panel title="Working copy against HEAD" isFlush>
      <Loaded query={{ ...query, data: pages }} lines={8}>
        {(list) =>
          list.every(({ files }) => files.length === 0) ? (
            <Empty icon={Check} title="No tracked file differs from the last commit" />
          ) : (
            list.map((page, index) => <Page key={index} page={page} />)
          )
        }
      </Loaded>
      {query.hasNextPage && (
        <div className="p-3 text-center">
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more files
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Page({ page }: { page: DiffView }) {
  return (
    <>
      <ul aria-label="changed files" className="border-b border-line px-4 py-3 sm:px-5">
        {page.files.map(({ path, status, added, removed }) => (
          <li key={path} className="flex flex-wrap gap-x-3">
            <span className="code min-w-0">
              <Untrusted text={path} />
            </span>
            <span className="text-muted">{added === null ? `${status}, not compared` : `${status}, +${added} −${removed ?? 0}`}</span>
          </li>
        ))}
      </ul>
      {page.truncated && <p className="px-4 pt-3 text-warn sm:px-5">The diff is longer than what is shown.</p>}
      <DiffText text={page.text} />
    </>
  );
}

const COLOURS: Record<string, string> = { '+': 'bg-ok-soft text-ok', '-': 'bg-bad-soft text-bad', '@': 'text-accent', d: 'font-semibold' };

function DiffText({ text }: { text: string }) {
  return (
    <pre tabIndex={0} role="region" aria-label="diff" className="code max-h-160 overflow-auto py-2 whitespace-pre-wrap">
      {text
        .trimEnd()
        .split('\n')
        .map((line, index) => (
          <span key={index} className={`block px-4 sm:px-5 ${COLOURS[line.charAt(0)] ?? ''}`}>
            <Untrusted text={line === '' ? ' ' : line} />
          </span>
        ))}
    </pre>
  );
}
