import { ArrowDown } from 'lucide-react';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { plural } from '#contract/plural.ts';
import type { LogEntry } from '#contract/run-state.ts';
import { Choice } from '../../ui/list.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { EarlierLines } from './earlier-lines.tsx';

const FILTERS = [
  ['all', 'All'],
  ['problems', 'Problems'],
] as const;
/** Lines that are drawn at once; older ones are one click away. */
const DRAWN_LINES = 2000;
const NEAR_END_PX = 40;

type Props = {
  runId: string;
  entries: readonly LogEntry[];
  onlyProblems: boolean;
  onFilter: (filter: 'problems' | undefined) => void;
  onSelect: (node: string) => void;
};

export function LogPanel({ runId, entries, onlyProblems, onFilter, onSelect }: Props) {
  const [earlier, setEarlier] = useState<readonly LogEntry[]>([]);
  const firstSeq = entries[0]?.seq ?? 0;
  const all = [...earlier.filter((entry) => entry.seq < firstSeq), ...entries];
  const shown = onlyProblems ? all.filter((entry) => entry.level !== 'info') : all;
  const problems = all.filter((entry) => entry.level !== 'info').length;
  return (
    <Panel
      title="Log"
      isFlush
      hint={problems > 0 ? plural(problems, 'problem') : undefined}
      aside={
        <Choice
          label="Which lines"
          value={onlyProblems ? 'problems' : 'all'}
          options={FILTERS}
          onChange={(next) => onFilter(next === 'problems' ? next : undefined)}
        />
      }
    >
      <EarlierLines runId={runId} beforeSeq={all[0]?.seq ?? 0} onLines={setEarlier} />
      <Lines entries={shown} onSelect={onSelect} emptyText={onlyProblems ? 'No problem so far.' : 'Nothing has been logged yet.'} />
    </Panel>
  );
}

type LinesProps = { entries: readonly LogEntry[]; onSelect: (node: string) => void; emptyText: string };

/** Follows the end while it is in sight; once scrolled up it stays there and counts what is new. */
function Lines({ entries, onSelect, emptyText }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  const [left, setLeft] = useState(0);
  const [drawn, setDrawn] = useState(DRAWN_LINES);
  const hidden = Math.max(0, entries.length - drawn);
  const fresh = Math.max(0, entries.length - left);
  useLayoutEffect(() => {
    if (isFollowing) toEnd(box.current);
  });
  const onScroll = (): void => {
    const at = box.current;
    if (!at) return;
    const isAtEnd = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX;
    if (isFollowing && !isAtEnd) setLeft(entries.length);
    setIsFollowing(isAtEnd);
  };
  if (entries.length === 0) return <p className="p-5 text-muted">{emptyText}</p>;
  return (
    <div className="relative">
      <div
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        className="code max-h-112 overflow-auto rounded-b-xl bg-sunken py-2 leading-relaxed"
      >
        {hidden > 0 && (
          <button type="button" className="px-4 py-1 text-accent underline" onClick={() => setDrawn(drawn + DRAWN_LINES)}>
            {plural(hidden, 'line')} above are not drawn; draw more
          </button>
        )}
        {entries.slice(hidden).map((entry) => (
          <Line key={entry.seq} entry={entry} onSelect={onSelect} />
        ))}
      </div>
      {!isFollowing && (
        <button
          type="button"
          onClick={() => {
            toEnd(box.current);
            setIsFollowing(true);
          }}
          className="absolute right-4 bottom-3 inline-flex min-h-9 items-center gap-1.5 rounded-full bg-accent px-3.5 text-[0.88rem] font-semibold text-accent-ink shadow-(--shadow-lifted)"
        >
          <ArrowDown aria-hidden className="size-4" />
          {fresh > 0 ? plural(fresh, 'new line') : 'Follow the end'}
        </button>
      )}
    </div>
  );
}

function toEnd(box: HTMLDivElement | null): void {
  if (box) box.scrollTop = box.scrollHeight;
}

const COLOUR: Record<LogEntry['level'], string> = { info: '', warn: 'text-warn', error: 'text-bad' };

const Line = memo(function Line({ entry, onSelect }: { entry: LogEntry; onSelect: (node: string) => void }) {
  return (
    <div className={`flex flex-wrap gap-x-3 px-4 hover:bg-surface sm:flex-nowrap sm:items-baseline ${COLOUR[entry.level]}`}>
      <time dateTime={entry.at} className="shrink-0 text-muted">
        {entry.at.slice(11, 23)}
      </time>
      {entry.node === null ? (
        <span className="hidden shrink-0 sm:inline-block sm:w-36" />
      ) : (
        <button
          type="button"
          onClick={() => entry.node !== null && onSelect(entry.node)}
          className="shrink-0 text-accent hover:underline text-left sm:w-36 sm:truncate"
          title={entry.node}
        >
          {entry.node}
        </button>
      )}
      <span className="min-w-0 basis-full whitespace-pre-wrap sm:basis-auto">
        {entry.level !== 'info' && <span className="font-semibold">{entry.level}: </span>}
        <Untrusted text={entry.text} />
      </span>
    </div>
  );
});
