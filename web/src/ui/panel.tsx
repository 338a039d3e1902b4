import { CircleAlert, RotateCw, type LucideIcon } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { asApiError } from '../api/problem.ts';
import { Button } from './button.tsx';
import { CopyButton, Prose } from './text.tsx';

type PanelProps = { title: string; aside?: ReactNode; children: ReactNode; isFlush?: boolean; hint?: ReactNode };

export function Panel({ title, aside, children, isFlush, hint }: PanelProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="min-w-0 rounded-xl border border-line bg-surface shadow-(--shadow)">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-3 sm:px-5">
        <h2 id={id} className="text-[0.95rem] font-semibold">
          {title}
        </h2>
        {hint !== undefined && <p className="text-[0.87rem] text-muted">{hint}</p>}
        {aside !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{aside}</div>}
      </header>
      <div className={isFlush ? '' : 'p-4 sm:p-5'}>{children}</div>
    </section>
  );
}

type Query<T> = { data: T | undefined; error: unknown; isPending: boolean; isFetching: boolean; refetch: () => unknown };

/** What every panel shows of its query: skeleton, error with code and hint, or the content. A late error leaves the old content, greyed. */
export function Loaded<T>({ query, lines = 3, children }: { query: Query<T>; lines?: number; children: (data: T) => ReactNode }) {
  if (query.data === undefined && query.error) return <Failure error={query.error} onRetry={query.refetch} isBusy={query.isFetching} />;
  if (query.data === undefined) return <Skeleton lines={lines} />;
  if (!query.error) return children(query.data);
  return (
    <>
      <Failure error={query.error} onRetry={query.refetch} isBusy={query.isFetching} isStale />
      <div className="opacity-60">{children(query.data)}</div>
    </>
  );
}

export function Skeleton({ lines }: { lines: number }) {
  return (
    <div role="status" aria-label="loading" className="flex flex-col gap-2.5 p-1">
      {Array.from({ length: lines }, (_item, index) => (
        <div key={index} className={`skeleton h-5 ${index % 3 === 2 ? 'w-2/3' : 'w-full'}`} />
      ))}
    </div>
  );
}

type FailureProps = { error: unknown; onRetry?: () => unknown; isBusy?: boolean; isStale?: boolean };

export function Failure({ error, onRetry, isBusy, isStale }: FailureProps) {
  const problem = asApiError(error);
  return (
    <div role="alert" className="mb-3 rounded-lg border border-bad/30 bg-bad-soft p-3 text-[0.93rem] last:mb-0">
      <div className="flex items-start gap-2">
        <CircleAlert aria-hidden className="mt-0.5 size-4.5 shrink-0 text-bad" />
        <div className="min-w-0 flex-1">
          <p className="font-semibold text-bad [overflow-wrap:anywhere]">
            <Prose text={problem.message} /> <span className="code font-normal">{problem.code}</span>
          </p>
          <p className="[overflow-wrap:anywhere]">
            <Prose text={problem.hint} />
          </p>
          {isStale && <p className="text-muted">What stands below is the last that was known.</p>}
          {problem.correlationId !== null && (
            <p className="text-[0.85rem] text-muted">
              Correlation id <span className="code">{problem.correlationId}</span>
              <CopyButton text={problem.correlationId} label="Copy the correlation id" />
            </p>
          )}
          {/* The only fault stands in the sentence already. */}
          <Faults
            faults={problem.faults.length === 1 && problem.message.includes(problem.faults[0]?.message ?? '') ? [] : problem.faults}
          />
        </div>
        {onRetry && (
          <Button size="small" icon={RotateCw} isBusy={isBusy ?? false} onClick={() => void onRetry()}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

/** Every fault of a plan or a body, with the node and the path it stands at. */
export function Faults({ faults }: { faults: readonly { node: string | null; path: string; code: string; message: string }[] }) {
  if (faults.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-col gap-1.5" aria-label="faults">
      {faults.map((fault) => (
        <li key={`${fault.path} ${fault.code} ${fault.message}`} className="border-l-2 border-bad/40 pl-2.5 [overflow-wrap:anywhere]">
          <span className="code font-semibold">
            {fault.node !== null && <>{fault.node} · </>}
            {fault.path || 'plan'}
          </span>{' '}
          <Prose text={fault.message} />
        </li>
      ))}
    </ul>
  );
}

type EmptyProps = { icon: LucideIcon; title: string; children?: ReactNode };

/** Says why there is nothing, and what to do. */
export function Empty({ icon: Icon, title, children }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
      <Icon aria-hidden className="size-8 text-muted" strokeWidth={1.5} />
      <p className="font-semibold">{title}</p>
      {children !== undefined && <div className="max-w-prose text-muted">{children}</div>}
    </div>
  );
}
