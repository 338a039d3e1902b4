import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Untrusted } from './text.tsx';

type FactsProps = { rows: readonly (readonly [string, ReactNode])[]; isNarrow?: boolean };

/** Label and value pairs, two columns where there is room; `isNarrow`: each value below its label. */
export function Facts({ rows, isNarrow }: FactsProps) {
  return (
    <dl className={`grid grid-cols-1 gap-x-6 gap-y-1.5 ${isNarrow ? '' : 'sm:grid-cols-[max-content_1fr]'}`}>
      {rows.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className={`mb-2 min-w-0 [overflow-wrap:anywhere] ${isNarrow ? '' : 'sm:mb-0'}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

export function MoreButton({ query }: { query: Pages }) {
  if (!query.hasNextPage) return null;
  return (
    <div className="p-3 text-center">
      <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        Show older ones
      </Button>
    </div>
  );
}

/** A page's heading and what stands beside it. */
export function PageHead({ title, lead, aside }: { title: string; lead?: string | undefined; aside?: ReactNode }) {
  return (
    <header className="mb-5 flex flex-wrap items-end gap-x-4 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight [overflow-wrap:anywhere]">
          <Untrusted text={title} />
        </h1>
        {lead !== undefined && lead !== '' && (
          <p className="mt-1 max-w-prose text-muted">
            <Untrusted text={lead} />
          </p>
        )}
      </div>
      {aside !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{aside}</div>}
    </header>
  );
}

type FilterProps<T extends string> = { label: string; value: T; options: readonly (readonly [T, string])[]; onChange: (value: T) => void };

/** One choice out of a few, as buttons. */
export function Choice<T extends string>({ label, value, options, onChange }: FilterProps<T>) {
  return (
    <div role="group" aria-label={label} className="flex flex-wrap gap-1 rounded-lg bg-sunken p-1">
      {options.map(([key, text]) => (
        <button
          key={key}
          type="button"
          aria-pressed={key === value}
          onClick={() => onChange(key)}
          className={`rounded-md px-2.5 py-1 text-[0.87rem] ${key === value ? 'bg-surface font-semibold shadow-(--shadow)' : 'text-muted hover:text-ink'}`}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
