import type { UseQueryResult } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ExternalLink, GitBranch, Hand, LogOut, Wifi, WifiOff } from 'lucide-react';
import { call, type Answer } from '../api/client.ts';
import { sessionEnded, signedOut, useSession } from '../api/session.ts';
import { age } from '../lib/format.ts';
import type { Tone } from '../lib/words.ts';
import { Badge } from '../ui/badge.tsx';
import { useNow } from '../ui/time.tsx';

type Status = UseQueryResult<Answer<'ui_status'>>;

export function TopStrip({ status }: { status: Status }) {
  const gates = status.data?.open_gates ?? 0;
  const temporalUrl = status.data?.temporal_url ?? null;
  return (
    <header className="sticky top-0 z-20 flex h-13 items-center gap-3 border-b border-line bg-surface px-3 text-[0.9rem] sm:px-5">
      <Link to="/plans" search={{}} className="flex items-center gap-2 font-semibold">
        <img src="/icon.svg" alt="" className="size-6.5" />
        <span className="tracking-tight">GIMO</span>
      </Link>
      <Connection status={status} />
      <Repository status={status} />
      <div className="ml-auto flex items-center gap-1 sm:gap-3">
        {gates > 0 && (
          <Link
            to="/gates"
            className="inline-flex min-h-8 items-center gap-1.5 rounded-full bg-warn-soft px-2.5 font-semibold whitespace-nowrap text-warn hover:brightness-95"
          >
            <Hand aria-hidden className="size-4" />
            <span>
              <span className="hidden sm:inline">waiting for you </span>({gates})
            </span>
          </Link>
        )}
        {temporalUrl !== null && (
          <a
            href={temporalUrl}
            target="_blank"
            rel="noreferrer"
            className="hidden items-center gap-1 text-muted hover:text-ink md:inline-flex"
          >
            Temporal Web <ExternalLink aria-hidden className="size-3.5" />
          </a>
        )}
        <SignOut />
      </div>
    </header>
  );
}

/** How old the picture is. Polled every five seconds, so three missed answers mean offline. */
function Connection({ status }: { status: Status }) {
  const now = useNow();
  const sinceMs = status.dataUpdatedAt === 0 ? null : now - status.dataUpdatedAt;
  const isOffline = status.isError || (sinceMs !== null && sinceMs > 15_000);
  const tone: Tone = isOffline ? 'bad' : status.data?.ready === false ? 'warn' : 'ok';
  const text = isOffline
    ? `offline ${age(status.dataUpdatedAt || null, now)}`
    : status.data?.ready === false
      ? 'a part is down'
      : 'connected';
  return (
    <span role="status" aria-live="polite">
      <Badge tone={tone} icon={isOffline ? WifiOff : Wifi}>
        <span className={tone === 'ok' ? 'sr-only sm:not-sr-only' : ''}>{text}</span>
      </Badge>
    </span>
  );
}

function Repository({ status }: { status: Status }) {
  const repo = status.data?.repo;
  if (!repo) return null;
  return (
    <span
      className="hidden min-w-0 items-center gap-1.5 text-muted sm:flex"
      title={`${repo.path}${repo.commit === null ? '' : ` at ${repo.commit}`}${repo.is_dirty ? ', with uncommitted changes' : ''}`}
    >
      <GitBranch aria-hidden className="size-4 shrink-0" />
      <span className="truncate">
        <span className="font-medium text-ink">{repo.name}</span>
        {repo.branch !== null && <> · {repo.branch}</>}
        {repo.is_dirty && <> · uncommitted changes</>}
      </span>
    </span>
  );
}

function SignOut() {
  const { session } = useSession();
  const client = useQueryClient();
  const signOut = (): void => {
    call('auth_logout').then(
      () => {
        signedOut();
        client.clear();
      },
      () => sessionEnded(),
    );
  };
  return (
    <button
      type="button"
      onClick={signOut}
      title={`Sign out (${session?.name ?? session?.label ?? ''})`}
      className="inline-flex size-9 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink"
    >
      <LogOut aria-hidden className="size-4.5" />
      <span className="sr-only">Sign out</span>
    </button>
  );
}
