import { getRouteApi, Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { Button } from '../ui/button.tsx';
import { Field, INPUT_CLASS } from '../ui/field.tsx';
import { Choice, PageHead } from '../ui/list.tsx';
import { ChangesPanel } from './files/changes-panel.tsx';
import { FilePanel } from './files/file-panel.tsx';
import { SearchPanel } from './files/search-panel.tsx';
import { TreePanel } from './files/tree-panel.tsx';

const route = getRouteApi('/files');
const VIEWS = [
  ['files', 'Files'],
  ['changes', 'Changes'],
] as const;

/** The active repository: its files as they are now, a search, and what differs from the last commit. */
export function FilesPage() {
  const { folder = '', file, line, q, view } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead
        title="Files"
        lead="The active repository, without what git ignores. Secrets are masked, and files that hold them are left out."
        aside={
          <Choice
            label="Show"
            value={view ?? 'files'}
            options={VIEWS}
            onChange={(next) => void navigate({ search: next === 'files' ? {} : { view: next } })}
          />
        }
      />
      {view === 'changes' ? (
        <ChangesPanel />
      ) : (
        <div className="flex flex-col gap-5">
          <SearchForm key={q ?? ''} q={q ?? ''} onSearch={(next) => void navigate({ search: next === '' ? {} : { q: next } })} />
          {q !== undefined && <SearchPanel q={q} />}
          {file !== undefined && <FilePanel key={`${file} ${line ?? 1}`} path={file} line={line} />}
          {q === undefined && <TreePanel folder={folder} />}
        </div>
      )}
    </>
  );
}

function SearchForm({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const [value, setValue] = useState(q);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(value.trim());
  };
  return (
    <form role="search" onSubmit={onSubmit} className="flex flex-wrap items-end gap-3">
      <div className="min-w-48 flex-1 sm:max-w-md">
        <Field label="Search for a text">
          {(id) => (
            <input
              id={id}
              type="search"
              value={value}
              maxLength={500}
              onChange={(event) => setValue(event.target.value)}
              className={`${INPUT_CLASS} min-h-10`}
            />
          )}
        </Field>
      </div>
      <Button type="submit" icon={Search}>
        Search
      </Button>
      {q !== '' && (
        <Link to="/files" className="self-center text-accent underline">
          Back to the files
        </Link>
      )}
    </form>
  );
}
