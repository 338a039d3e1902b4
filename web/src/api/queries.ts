/** What the pages read, by name. The key of each starts with its area, so that a page can refresh what an event touched. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { DRAFT_STATUSES, GraphNode } from '#contract/objects.ts';
import type { RunStatus } from '#contract/run-state.ts';
import { call, callPage } from './client.ts';

const LIST_POLL_MS = 2000;
const STATUS_POLL_MS = 5000;
type DraftStatus = (typeof DRAFT_STATUSES)[number];

export const uiStatus = () =>
  queryOptions({ queryKey: ['status'], queryFn: ({ signal }) => call('ui_status', { signal }), refetchInterval: STATUS_POLL_MS });

export const drafts = (status: DraftStatus | undefined) =>
  infiniteQueryOptions({
    queryKey: ['drafts', status ?? 'all'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      callPage('drafts_list', { query: { limit: 50, ...(status && { status }), ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: STATUS_POLL_MS,
  });

export const draft = (id: string) =>
  queryOptions({ queryKey: ['drafts', 'one', id], queryFn: ({ signal }) => call('drafts_get', { params: { id }, signal }) });

// Read once and kept: what is on the screen is what gets decided. A change is found by its hash, never painted over silently.
export const packet = (id: string) =>
  queryOptions({
    queryKey: ['packet', id],
    queryFn: ({ signal }) => call('drafts_packet', { params: { id }, signal }),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnMount: 'always',
  });

export const approvedList = () =>
  infiniteQueryOptions({
    queryKey: ['approved'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      callPage('approved_list', { query: { limit: 50, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: STATUS_POLL_MS,
  });

export const approved = (id: string) =>
  queryOptions({ queryKey: ['approved', 'one', id], queryFn: ({ signal }) => call('approved_get', { params: { id }, signal }) });

export const grants = () =>
  queryOptions({
    queryKey: ['grants'],
    queryFn: ({ signal }) => call('grants_list', { query: { limit: 100 }, signal }),
    refetchInterval: STATUS_POLL_MS,
  });

type RunFilter = { status?: RunStatus | undefined; isArchived?: boolean; approvedId?: string | undefined };

/** Of one approval also those that are archived. */
export const runs = ({ status, isArchived = false, approvedId }: RunFilter) =>
  infiniteQueryOptions({
    queryKey: ['runs', status ?? 'all', isArchived, approvedId ?? 'any'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      callPage('runs_list', {
        query: {
          limit: 50,
          ...(status && { status }),
          ...(isArchived && { archived: 'true' }),
          ...(approvedId && { approved_id: approvedId }),
          ...(pageParam && { cursor: pageParam }),
        },
        signal,
      }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: LIST_POLL_MS,
  });

export const run = (id: string, pollMs: number | false) =>
  queryOptions({ queryKey: ['run', id], queryFn: ({ signal }) => call('runs_get', { params: { id }, signal }), refetchInterval: pollMs });

export const budgets = (runId: string, pollMs: number | false) =>
  queryOptions({
    queryKey: ['run', runId, 'budgets'],
    queryFn: ({ signal }) => call('cost_budgets', { query: { run_id: runId }, signal }),
    refetchInterval: pollMs,
  });

/** However many answers that takes. */
async function allNodes(id: string, signal: AbortSignal): Promise<GraphNode[]> {
  const nodes: GraphNode[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: GraphNode[]; next: string | null } = await callPage('runs_graph', {
      params: { id },
      ...(cursor !== '' && { query: { cursor } }),
      signal,
    });
    nodes.push(...page.items);
    cursor = page.next;
  }
  return nodes;
}

export const runGraph = (id: string, pollMs: number | false) =>
  queryOptions({
    queryKey: ['run', id, 'graph'],
    queryFn: ({ signal }) => allNodes(id, signal),
    refetchInterval: pollMs,
  });

export const runNode = (id: string, node: string) =>
  queryOptions({
    queryKey: ['run', id, 'node', node],
    queryFn: ({ signal }) => call('runs_node', { params: { id, node }, signal }),
  });

export const comparison = (id: string, other: string) =>
  infiniteQueryOptions({
    queryKey: ['run', id, 'compare', other],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      callPage('runs_compare', { params: { id, other }, query: { limit: 500, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const gates = (status: 'open' | undefined, runId?: string) =>
  queryOptions({
    queryKey: ['gates', status ?? 'all', runId ?? 'all'],
    queryFn: ({ signal }) =>
      call('gates_list', { query: { limit: 100, ...(status && { status }), ...(runId && { run_id: runId }) }, signal }),
    refetchInterval: LIST_POLL_MS,
  });

export const tree = (path: string) =>
  infiniteQueryOptions({
    queryKey: ['files', 'tree', path],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => callPage('tree', { query: { path, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.next ?? undefined,
    retry: false,
  });

export const file = (path: string, fromLine: number) =>
  queryOptions({
    queryKey: ['files', 'file', path, fromLine],
    queryFn: ({ signal }) => call('file', { query: { path, from_line: fromLine }, signal }),
    retry: false,
  });

export const search = (q: string) =>
  queryOptions({ queryKey: ['files', 'search', q], queryFn: ({ signal }) => call('search', { query: { q }, signal }), retry: false });

export const diff = () =>
  infiniteQueryOptions({
    queryKey: ['files', 'diff'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => callPage('diff', { query: { ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.next ?? undefined,
    retry: false,
  });

export const agents = () =>
  infiniteQueryOptions({
    queryKey: ['agents'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => callPage('agents_list', { query: { limit: 50, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const tokens = () =>
  infiniteQueryOptions({
    queryKey: ['tokens'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => callPage('tokens_list', { query: { limit: 50, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const securityEvents = () =>
  queryOptions({
    queryKey: ['security'],
    queryFn: ({ signal }) => call('security_events', { query: { limit: 20 }, signal }),
    refetchInterval: STATUS_POLL_MS,
  });

export const providers = () => queryOptions({ queryKey: ['provider'], queryFn: ({ signal }) => call('provider_get', { signal }) });

/** In: its name; absent = the active one. */
export const providerHealth = (name: string | undefined) =>
  queryOptions({
    queryKey: ['provider', 'health', name ?? 'active'],
    queryFn: ({ signal }) => call('provider_health', { query: name === undefined ? {} : { name }, signal }),
    enabled: false,
    retry: false,
  });
