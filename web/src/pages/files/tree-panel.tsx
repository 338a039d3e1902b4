import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CornerLeftUp, File, Folder, Link2, type LucideIcon } from 'lucide-react';
import type { TreeEntry } from '#contract/routes/repo.ts';
import { tree } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Loaded, Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';

const ICONS: Record<TreeEntry['type'], LucideIcon> = { folder: Folder, file: File, link: Link2, other: File };
const ROW = 'flex min-h-10 items-center gap-2.5 px-4 py-1.5 sm:px-5';

export function TreePanel({ folder }: { folder: string }) {
  const query = useInfiniteQuery(tree(folder));
  const entries = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title={folder === '' ? 'Repository' : 'Folder'} hint={folder === '' ? undefined : <Untrusted text={folder} />} isFlush>
      {folder !== '' && (
        <Link to="/files" search={parentOf(folder)} className={`${ROW} border-b border-line hover:bg-sunken`}>
          <CornerLeftUp aria-hidden className="size-4 text-muted" />
          up
        </Link>
      )}
      <Loaded query={{ ...query, data: entries }} lines={8}>
        {(list) => (list.length === 0 ? <Empty icon={Folder} title="Nothing to show here" /> : <Entries entries={list} folder={folder} />)}
      </Loaded>
      {query.hasNextPage && (
        <div className="p-3 text-center">
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Panel>
  );
}

function parentOf(folder: string): { folder?: string } {
  const end = folder.lastIndexOf('/');
  return end === -1 ? {} : { folder: folder.slice(0, end) };
}

/** A file keeps the folder beside it in the address, so that the list stays where it is. */
function Entries({ entries, folder }: { entries: readonly TreeEntry[]; folder: string }) {
  return (
    <ul className="divide-y divide-line">
      {entries.map((entry) => (
        <li key={entry.name}>
          {entry.type === 'folder' || entry.type === 'file' ? (
            <Link
              to="/files"
              search={entry.type === 'folder' ? { folder: entry.path } : { file: entry.path, ...(folder !== '' && { folder }) }}
              className={`${ROW} hover:bg-sunken`}
            >
              <Name entry={entry} />
            </Link>
          ) : (
            <span className={`${ROW} text-muted`} title="Links are not followed">
              <Name entry={entry} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Name({ entry }: { entry: TreeEntry }) {
  const Icon = ICONS[entry.type];
  return (
    <>
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="code min-w-0 flex-1">
        <Untrusted text={entry.name} />
      </span>
      {entry.size_bytes !== null && (
        <span className="tabular text-[0.85rem] text-muted">{entry.size_bytes.toLocaleString('en')} bytes</span>
      )}
    </>
  );
}
