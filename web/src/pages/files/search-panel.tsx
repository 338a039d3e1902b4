import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { plural } from '#contract/plural.ts';
import type { SearchResult } from '#contract/routes/repo.ts';
import { search } from '../../api/queries.ts';
import { Empty, Loaded, Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';

const CUTS: Record<NonNullable<SearchResult['cut']>, string> = {
  matches: 'There are more; look for something longer.',
  bytes: 'Not everything was searched: there is too much.',
  time: 'Not everything was searched: it took too long.',
};

export function SearchPanel({ q }: { q: string }) {
  const query = useQuery(search(q));
  return (
    <Panel title="Found" hint={query.data && (query.data.cut === null ? undefined : CUTS[query.data.cut])} isFlush>
      <Loaded query={query} lines={6}>
        {({ matches, files_searched: files }) =>
          matches.length === 0 ? (
            <Empty icon={SearchX} title={`Nothing found in ${plural(files, 'file')}`} />
          ) : (
            <Matches matches={matches} q={q} />
          )
        }
      </Loaded>
    </Panel>
  );
}

function Matches({ matches, q }: { matches: SearchResult['matches']; q: string }) {
  return (
    <ul className="divide-y divide-line" aria-label="matches">
      {matches.map(({ path, line, column, text }) => (
        <li key={`${path} ${line}`}>
          <Link to="/files" search={{ file: path, line, q }} className="block px-4 py-2 hover:bg-sunken sm:px-5">
            <span className="code block text-muted">
              <Untrusted text={`${path}:${line}:${column}`} />
            </span>
            <span className="code block whitespace-pre-wrap">
              <Untrusted text={text} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
