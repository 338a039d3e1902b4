import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { plural } from '#contract/plural.ts';
import type { FileView } from '#contract/routes/repo.ts';
import { file } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Loaded, Panel } from '../../ui/panel.tsx';
import { Hash, TextBlock, Untrusted } from '../../ui/text.tsx';

/** How many lines stand above the one that a link leads to. */
const ABOVE = 5;

/** One file from a line on; a long one goes on in parts. */
export function FilePanel({ path, line }: { path: string; line: number | undefined }) {
  const [from, setFrom] = useState(Math.max(1, (line ?? 1) - ABOVE));
  const query = useQuery(file(path, from));
  return (
    <Panel
      title="File"
      hint={
        <>
          <Untrusted text={path} />
          {query.data && <> · {aboutOf(query.data)}</>}
        </>
      }
      aside={query.data && <Hash value={query.data.sha256} />}
    >
      <Loaded query={query} lines={10}>
        {(view) =>
          view.text === null ? (
            <p className="text-muted">A binary file: it is not shown.</p>
          ) : (
            <Text view={view} path={path} onGo={setFrom} />
          )
        }
      </Loaded>
    </Panel>
  );
}

function aboutOf({ size_bytes: size, lines, from_line: from, to_line: to, redactions }: FileView): string {
  const range = from > 1 || to < lines ? `lines ${from}–${to} of ${lines}` : plural(lines, 'line');
  const masked = redactions === 0 ? '' : `, ${redactions} masked`;
  return `${size.toLocaleString('en')} bytes, ${range}${masked}`;
}

function Text({ view, path, onGo }: { view: FileView; path: string; onGo: (line: number) => void }) {
  const { next_line: next, from_line: first } = view;
  return (
    <div className="flex flex-col gap-3">
      <TextBlock text={view.text ?? ''} label={path} isTall />
      <div className="flex flex-wrap gap-2">
        {first > 1 && <Button onClick={() => onGo(1)}>From the beginning</Button>}
        {next !== null && <Button onClick={() => onGo(next)}>Go on from line {next}</Button>}
      </div>
    </div>
  );
}
