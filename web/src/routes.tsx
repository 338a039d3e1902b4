/** The pages and their addresses. What a page shows is in its address, so that a link shows the same. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { DRAFT_STATUSES } from '#contract/objects.ts';
import { RUN_STATUSES, type RunStatus } from '#contract/run-state.ts';
import { Crash, Missing } from './shell/crash.tsx';
import { Layout } from './shell/layout.tsx';

type Search = Record<string, unknown>;
type PlansSearch = { status?: (typeof DRAFT_STATUSES)[number]; view?: string };
type RunsSearch = { status?: RunStatus; archived?: true; approved?: string };
type FilesSearch = { folder?: string; file?: string; line?: number; q?: string; view?: 'changes' };
type RunSearch = { node?: string; view?: 'graph' | 'list'; log?: 'all' | 'problems' };

function oneOf<const T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((item) => item === value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const root = createRootRoute({ component: Layout, notFoundComponent: Missing, errorComponent: Crash });
const at = <const P extends string>(path: P) => ({ getParentRoute: () => root, path });

const home = createRoute({
  ...at('/'),
  beforeLoad: () => {
    throw redirect({ to: '/plans', search: {} });
  },
});
const plans = createRoute({
  ...at('/plans'),
  validateSearch: (search: Search): PlansSearch => ({ status: oneOf(DRAFT_STATUSES, search['status']), view: text(search['view']) }),
  component: lazyRouteComponent(() => import('./pages/plans.tsx'), 'PlansPage'),
});
const plan = createRoute({ ...at('/plans/$id'), component: lazyRouteComponent(() => import('./pages/approval.tsx'), 'ApprovalPage') });
const approvedList = createRoute({
  ...at('/approved'),
  component: lazyRouteComponent(() => import('./pages/approved-list.tsx'), 'ApprovedListPage'),
});
const approved = createRoute({
  ...at('/approved/$id'),
  component: lazyRouteComponent(() => import('./pages/approved.tsx'), 'ApprovedPage'),
});
const runs = createRoute({
  ...at('/runs'),
  validateSearch: (search: Search): RunsSearch => ({
    status: oneOf(RUN_STATUSES, search['status']),
    archived: search['archived'] === true ? true : undefined,
    approved: text(search['approved']),
  }),
  component: lazyRouteComponent(() => import('./pages/runs.tsx'), 'RunsPage'),
});
const run = createRoute({
  ...at('/runs/$id'),
  validateSearch: (search: Search): RunSearch => ({
    node: text(search['node']),
    view: oneOf(['graph', 'list'], search['view']),
    log: oneOf(['all', 'problems'], search['log']),
  }),
  component: lazyRouteComponent(() => import('./pages/run.tsx'), 'RunPage'),
});
const compare = createRoute({
  ...at('/runs/$id/compare/$other'),
  component: lazyRouteComponent(() => import('./pages/compare.tsx'), 'ComparePage'),
});
const gates = createRoute({
  ...at('/gates'),
  validateSearch: (search: Search): { show?: 'open' | 'all' } => ({ show: oneOf(['open', 'all'], search['show']) }),
  component: lazyRouteComponent(() => import('./pages/gates.tsx'), 'GatesPage'),
});
const files = createRoute({
  ...at('/files'),
  validateSearch: (search: Search): FilesSearch => ({
    folder: text(search['folder']),
    file: text(search['file']),
    line: typeof search['line'] === 'number' ? search['line'] : undefined,
    q: text(search['q']),
    view: oneOf(['changes'], search['view']),
  }),
  component: lazyRouteComponent(() => import('./pages/files.tsx'), 'FilesPage'),
});
const agents = createRoute({ ...at('/agents'), component: lazyRouteComponent(() => import('./pages/agents.tsx'), 'AgentsPage') });
const provider = createRoute({ ...at('/provider'), component: lazyRouteComponent(() => import('./pages/provider.tsx'), 'ProviderPage') });

const tokens = createRoute({ ...at('/tokens'), component: lazyRouteComponent(() => import('./pages/tokens.tsx'), 'TokensPage') });

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([home, plans, plan, approvedList, approved, runs, run, compare, gates, files, agents, provider, tokens]),
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
