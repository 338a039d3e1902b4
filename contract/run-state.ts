/**
 * The state of a run as a fold over its events. The workflow, the API's projection and the dashboard use this one reducer. Events may
 * arrive out of order (they travel with different activities): per field the highest `seq` wins, so any order gives the same state.
 */
import type { BudgetFigures } from './budget.ts';
import type { Json } from './json.ts';
import type { Label } from './labels.ts';
import type { NodeKind } from './nodes/index.ts';

export const RUN_STATUSES = ['pending', 'running', 'done', 'error', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export const NODE_STATUSES = ['pending', 'ready', 'running', 'waiting', 'done', 'skipped', 'error', 'cancelled', 'unknown'] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

export type ErrorInfo = { code: string; message: string; hint: string; retryable: boolean; attempt: number };
export type LogLevel = 'info' | 'warn' | 'error';
export type LogEntry = { seq: number; at: string; node: string | null; level: LogLevel; text: string };

/** What an event changes. Fields that are absent stay as they are. */
export type NodeChange = {
  of: 'node';
  kind: NodeKind;
  status: NodeStatus;
  needs?: string[];
  attempt?: number;
  error?: ErrorInfo | null;
  /** Why it was skipped or waits; null once that is over. */
  reason?: string | null;
  /** Who left it out. */
  skipped_by?: string;
  gate_id?: string | null;
  /** Cost of this attempt in US dollars; null = unknown. */
  cost_usd?: number | null;
  /** Outputs of control nodes, when small, and where they come from, null for trusted and public; those of effects are in the ledger. */
  output?: Json;
  label?: Label | null;
  /** What the run has spent by then. */
  budget?: BudgetFigures;
  /** Nodes that this one added to the run, as they were checked. */
  added?: Json;
};
export type RunChange = { of: 'run'; status?: RunStatus; paused?: boolean; error?: ErrorInfo | null };
export type RunEvent = LogEntry & { change: NodeChange | RunChange | null };

export type NodeState = {
  id: string;
  kind: NodeKind;
  status: NodeStatus;
  needs: string[];
  attempt_count: number;
  started_at: string | null;
  finished_at: string | null;
  /** 0 until something was paid; null once any attempt had an unknown cost. */
  cost_usd: number | null;
  error: ErrorInfo | null;
  reason: string | null;
  /** Who left it out; absent when the plan did, or nobody. */
  skipped_by?: string;
  gate_id: string | null;
  seq: number;
};

/** Field → number of the event that it is from: a late event may still fill what no later one has named. */
type SetBy = Record<string, number>;

export type NodeCounts = { total: number; done: number; skipped: number; error: number; running: number; waiting: number };

export type RunState = {
  run_id: string;
  status: RunStatus;
  paused: boolean;
  error: ErrorInfo | null;
  started_at: string | null;
  finished_at: string | null;
  cost_usd: number | null;
  /** Null until something was reserved. */
  budget: BudgetFigures | null;
  /** Highest event number seen. */
  seq: number;
  /** For the run (key '') and for each node: which event last set a field that not every event names. */
  set_by: Record<string, SetBy>;
  nodes: Record<string, NodeState>;
  by_status: Record<NodeStatus, number>;
  /** The last 200 entries, by seq. */
  log: LogEntry[];
};

export const LOG_TAIL = 200;
const ENDED: ReadonlySet<string> = new Set<NodeStatus>(['done', 'skipped', 'error', 'cancelled']);
const RUN_ENDED: ReadonlySet<string> = new Set<RunStatus>(['done', 'error', 'cancelled']);

export function isNodeEnded(status: NodeStatus): boolean {
  return ENDED.has(status);
}

export function isRunEnded(status: RunStatus): boolean {
  return RUN_ENDED.has(status);
}

export function initialRunState(runId: string, nodes: readonly { id: string; kind: NodeKind; needs: string[] }[]): RunState {
  const byStatus = Object.fromEntries(NODE_STATUSES.map((status) => [status, 0])) as Record<NodeStatus, number>;
  byStatus.pending = nodes.length;
  return {
    run_id: runId,
    status: 'pending',
    paused: false,
    error: null,
    started_at: null,
    finished_at: null,
    cost_usd: 0,
    budget: null,
    seq: 0,
    set_by: {},
    nodes: Object.fromEntries(nodes.map((node) => [node.id, newNode(node.id, node.kind, node.needs)])),
    by_status: byStatus,
    log: [],
  };
}

function newNode(id: string, kind: NodeKind, needs: string[]): NodeState {
  return {
    id,
    kind,
    status: 'pending',
    needs,
    attempt_count: 0,
    started_at: null,
    finished_at: null,
    cost_usd: 0,
    error: null,
    reason: null,
    gate_id: null,
    seq: 0,
  };
}

/** Sum of costs; one unknown part makes the whole unknown, never 0. */
export function addCost(sum: number | null, part: number | null): number | null {
  return sum === null || part === null ? null : sum + part;
}

function addLog(log: LogEntry[], event: RunEvent): void {
  const entry: LogEntry = { seq: event.seq, at: event.at, node: event.node, level: event.level, text: event.text };
  let at = log.length;
  while (at > 0 && (log[at - 1]?.seq ?? 0) > event.seq) at--;
  if (log[at - 1]?.seq === event.seq) return;
  log.splice(at, 0, entry);
  if (log.length > LOG_TAIL) log.shift();
}

function applyNode(state: RunState, id: string, event: RunEvent, change: NodeChange): void {
  let node = Object.hasOwn(state.nodes, id) ? state.nodes[id] : undefined;
  if (!node) {
    node = newNode(id, change.kind, change.needs ?? []);
    state.nodes[id] = node;
    state.by_status.pending++;
  }
  if (change.cost_usd !== undefined) {
    node.cost_usd = addCost(node.cost_usd, change.cost_usd);
    state.cost_usd = addCost(state.cost_usd, change.cost_usd);
  }
  if (change.budget !== undefined && isNewer(setByOf(state, ''), 'budget', event.seq)) state.budget = change.budget;
  if (change.attempt !== undefined) node.attempt_count = Math.max(node.attempt_count, change.attempt);
  if (change.status === 'running' && (node.started_at === null || event.at < node.started_at)) node.started_at = event.at;
  applyNodeFields(state, node, event.seq, change);
  if (event.seq <= node.seq) return;
  state.by_status[node.status]--;
  state.by_status[change.status]++;
  node.status = change.status;
  node.seq = event.seq;
  node.finished_at = isNodeEnded(change.status) ? event.at : null;
}

function applyNodeFields(state: RunState, node: NodeState, seq: number, change: NodeChange): void {
  const { needs, error, reason, gate_id } = change;
  if (needs === undefined && error === undefined && reason === undefined && gate_id === undefined) return;
  const setBy = setByOf(state, node.id);
  if (needs !== undefined && isNewer(setBy, 'needs', seq)) node.needs = needs;
  if (error !== undefined && isNewer(setBy, 'error', seq)) node.error = error;
  if (reason !== undefined && isNewer(setBy, 'reason', seq)) node.reason = reason;
  if (gate_id !== undefined && isNewer(setBy, 'gate_id', seq)) node.gate_id = gate_id;
  // A node that was left out stays so.
  if (change.skipped_by !== undefined) node.skipped_by = change.skipped_by;
}

function setByOf(state: RunState, of: string): SetBy {
  const known = Object.hasOwn(state.set_by, of) ? state.set_by[of] : undefined;
  return known ?? (state.set_by[of] = {});
}

/** Takes note of the event when no later one has set the field. */
function isNewer(setBy: SetBy, field: string, seq: number): boolean {
  if (seq <= (setBy[field] ?? 0)) return false;
  setBy[field] = seq;
  return true;
}

function applyRun(state: RunState, event: RunEvent, change: RunChange): void {
  const setBy = setByOf(state, '');
  if (change.status === 'running' && (state.started_at === null || event.at < state.started_at)) state.started_at = event.at;
  if (change.status !== undefined && isNewer(setBy, 'status', event.seq)) {
    state.status = change.status;
    state.finished_at = isRunEnded(change.status) ? event.at : null;
  }
  if (change.paused !== undefined && isNewer(setBy, 'paused', event.seq)) state.paused = change.paused;
  if (change.error !== undefined && isNewer(setBy, 'error', event.seq)) state.error = change.error;
}

/** Applies one event to `state` in place: O(1) but for the log's insertion. Total: any event of any order leaves a valid state. */
export function applyEvent(state: RunState, event: RunEvent): void {
  addLog(state.log, event);
  state.seq = Math.max(state.seq, event.seq);
  if (event.change?.of === 'run') applyRun(state, event, event.change);
  else if (event.change?.of === 'node' && event.node !== null) applyNode(state, event.node, event, event.change);
}

export function countsOf(state: RunState): NodeCounts {
  const by = state.by_status;
  const total = NODE_STATUSES.reduce((sum, status) => sum + by[status], 0);
  return { total, done: by.done, skipped: by.skipped, error: by.error + by.unknown, running: by.running, waiting: by.waiting };
}

/** What the run's record in GICS says of it: patched whenever events are written, guarded by `seq`. */
export type RunSummary = {
  status: RunStatus;
  paused: boolean;
  waiting: boolean;
  started_at: string | null;
  finished_at: string | null;
  nodes: NodeCounts;
  cost_usd: number | null;
  error: ErrorInfo | null;
  budget: BudgetFigures | null;
  seq: number;
};

export function summaryOf(state: RunState): RunSummary {
  return {
    status: state.status,
    paused: state.paused,
    waiting: state.by_status.waiting + state.by_status.unknown > 0,
    started_at: state.started_at,
    finished_at: state.finished_at,
    nodes: countsOf(state),
    cost_usd: state.cost_usd,
    error: state.error,
    budget: state.budget,
    seq: state.seq,
  };
}
