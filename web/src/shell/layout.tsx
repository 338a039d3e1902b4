import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { BadgeCheck, FileText, FolderTree, Hand, KeyRound, Play, Plug, Users, type LucideIcon } from 'lucide-react';
import { useEffect } from 'react';
import { uiStatus } from '../api/queries.ts';
import { useRefusal } from '../api/session.ts';
import { LockdownBanner } from './lockdown-banner.tsx';
import { TopStrip } from './top-strip.tsx';

type Page = {
  to: '/plans' | '/approved' | '/runs' | '/gates' | '/files' | '/agents' | '/provider' | '/tokens';
  label: string;
  icon: LucideIcon;
};

const PAGES: readonly Page[] = [
  { to: '/plans', label: 'Plans', icon: FileText },
  { to: '/approved', label: 'Approved', icon: BadgeCheck },
  { to: '/runs', label: 'Runs', icon: Play },
  { to: '/gates', label: 'Gates', icon: Hand },
  { to: '/files', label: 'Files', icon: FolderTree },
  { to: '/agents', label: 'Agents', icon: Users },
  { to: '/provider', label: 'Provider', icon: Plug },
];
/** Only who may open it sees it. */
const TOKENS: Page = { to: '/tokens', label: 'Tokens', icon: KeyRound };

export function Layout() {
  const status = useQuery(uiStatus());
  const openGates = status.data?.open_gates ?? 0;
  useEffect(() => {
    document.title = openGates > 0 ? `(${openGates}) GIMO` : 'GIMO';
  }, [openGates]);
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:z-30 focus:m-2 focus:rounded focus:bg-surface focus:p-2">
        Skip to the content
      </a>
      <TopStrip status={status} />
      <LockdownBanner panic={status.data?.panic} />
      <div className="flex min-w-0 flex-1">
        <Nav openGates={openGates} />
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 px-3 py-5 pb-24 outline-none sm:px-6 md:pb-8 lg:px-8">
          <div className="mx-auto max-w-6xl">
            <Outlet />
          </div>
        </main>
      </div>
    </div>
  );
}

function Nav({ openGates }: { openGates: number }) {
  const pages = useRefusal('tokens_list') === null ? [...PAGES, TOKENS] : PAGES;
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-surface md:sticky md:top-13 md:h-[calc(100dvh-3.25rem)] md:w-48 md:shrink-0 md:border-t-0 md:border-r md:p-3"
    >
      <ul className="flex md:flex-col md:gap-1">
        {pages.map(({ to, label, icon: Icon }) => (
          <li key={to} className="min-w-0 flex-1 md:flex-none">
            <Link
              to={to}
              className="relative flex min-h-14 flex-col items-center justify-center gap-0.5 text-[0.78rem] text-muted hover:text-ink md:min-h-10 md:flex-row md:justify-start md:gap-2.5 md:rounded-lg md:px-3 md:text-[0.95rem] md:hover:bg-sunken"
              activeProps={{ className: 'font-semibold !text-accent md:bg-accent-soft', 'aria-current': 'page' }}
            >
              <Icon aria-hidden className="size-5 md:size-4.5" />
              {label}
              {to === '/gates' && openGates > 0 && (
                <span className="absolute top-1.5 left-1/2 ml-2 min-w-5 rounded-full bg-warn px-1.5 text-center text-[0.72rem] font-bold text-surface md:static md:ml-auto">
                  {openGates}
                  <span className="sr-only"> open</span>
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
