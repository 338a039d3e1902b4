/** Where both sides of Temporal meet: names and shapes of workflows, activities, updates, signals and queries. */
import type { ToolDescriptions } from './agent-calls.ts';
import type { Agreement, Decision, GateContent, Preconditions, PublicKey } from './decision.ts';
import type { Agent, TrustLimits } from './agents.ts';
import type { ChildEnd, DelegateCommand, Delegation, DelegationRequest } from './delegation.ts';
import type { Envelope } from './envelope.ts';
import type { Fence } from './fence-parts.ts';
import type { Reuse } from './fork.ts';
import type { Json, JsonObject } from './json.ts';
import type { Label } from './labels.ts';
import type { InputLabels } from './label-reads.ts';
import type { McpServerConfig, McpTool } from './mcp-servers.ts';
import type { NodeCommand, NodeVerb } from './node-command.ts';
import type { EffectKind } from './nodes/index.ts';
import type { Drafted } from './nodes/kind.ts';
import type { Plan } from './plan.ts';
import type { Priority, RunShare } from './priority.ts';
import type { Prices } from './worst-case.ts';
import type { RunSegment } from './segment.ts';
import type { ErrorInfo, RunEvent, RunState, RunStatus, RunSummary } from './run-state.ts';

export const WORKFLOWS = {
  runGraph: 'runGraph',
  maintenance: 'maintenance',
  generatePlan: 'generatePlan',
  checkProvider: 'checkProvider',
  listTools: 'listTools',
} as const;
/** Workflows and short activities share `general`, because eager activities need the workflow's own queue. */
export const TASK_QUEUES = { general: 'gimo-general', llm: 'gimo-llm', process: 'gimo-process' } as const;

/** Each of these is an update with a validator and a signal of the same name; one handler serves both, idempotent by id. */
export const RUN_MESSAGES = ['approve', 'reject', 'cancel', 'pause', 'resume', 'priority', 'retry', 'skip', 'delegate'] as const;
export type RunMessage = (typeof RUN_MESSAGES)[number];
/** Wakes a run that waits for a slot. */
export const ADMIT_SIGNAL = 'admit';
export const RUN_QUERIES = { state: 'state', graph: 'graph', log: 'log', output: 'output', outputs: 'outputs' } as const;

/** Search attributes of a run in Temporal: ids and statuses only, they are not encrypted. */
export const SEARCH_ATTRIBUTES = { status: 'GimoStatus', approved: 'GimoApproved', waiting: 'GimoWaiting' } as const;

/** What a run that goes on in a new workflow begins with: the segment's number, from 2, and the blob that holds it. */
export type SegmentRef = { number: number; ref: string };
/** `begins_in_task`: its first steps are local activities; absent in runs that were started before that was so. */
export type RunInput = { run_id: string; approved_id: string; segment?: SegmentRef; begins_in_task?: boolean };

/**
 * Stopping, pausing and the share of a run need no signature: `by` is who asked. `running`: what a pause does to effects that are
 * under way.
 */
export type RunCommand = { command_id: string; by: string; at: string; running?: 'finish' | 'stop'; priority?: Priority };
export type CommandName = 'cancel' | 'pause' | 'resume' | 'priority';

/** Verdict of the first step of a run; enters the history, so that later checks never depend on a key rotated since. */
export type LoadedRun =
  | {
      ok: true;
      plan: Plan;
      envelope: Envelope;
      inputs: Record<string, Json>;
      approval_hash: string;
      preconditions: Preconditions;
      key_ring: PublicKey[];
      /** Who agreed to the plan under which rule: a wider envelope takes the same. Absent in runs of earlier versions. */
      agreement?: Agreement;
      /** Whether short effects run as local activities. */
      short_effects: boolean;
      /** Whether events of short effects are written with the end of their task; absent in runs that were loaded before it was so. */
      writes_with_task?: boolean;
      /** Number of the last event that GICS holds; above 0 when Temporal lost the run and it was started anew. */
      last_seq: number;
      /** What models cost as the run began; absent in runs that were loaded before there were any, which fail where others ask. */
      prices?: Prices;
      /** What the tools of servers are that agents may use, as they were approved; those that have changed are not there. */
      agent_tools?: ToolDescriptions;
      /** Of a run that another one delegated. */
      delegation?: Pick<Delegation, 'ancestors' | 'grants' | 'labels'>;
      /** Whether values have labels; absent in runs that began before they had. */
      has_labels?: boolean;
      /**
       * Whether commands are read whole: its envelope holds what is around them, and which requests change something; what in them says what is run
       * is asked about; what is dangerous in them is named. Absent in runs that began before that was so.
       */
      has_whole_commands?: boolean;
      /** Whether a diff is read as git reads it; absent in runs that began before that was so. */
      has_read_diffs?: boolean;
      /**
       * Whether labels stay with numbers, errors and what is left out, so that a run asks whatever its packet says; absent in runs that began
       * before that was so.
       */
      has_lasting_labels?: boolean;
      /** What a fork takes over. */
      reuse?: Reuse;
      /** How long the history of one workflow gets before the run goes on in another; absent in runs that began before that was so. */
      segment_events?: number;
      /** How many log entries the run gets before it goes on in another workflow; absent in runs that were loaded before that was so. */
      segment_entries?: number;
      /** Whether what a message changed is written at once; absent in runs that were loaded before that was so. */
      writes_messages_at_once?: boolean;
      /** Its share among the runs; absent in runs that began before there were any. */
      priority?: Priority;
      /** What the segment before handed on. */
      resumed?: RunSegment;
    }
  | { ok: false; error: ErrorInfo };

/** Events, and now and then the summary of the run; every activity that writes to GICS may carry a batch. */
export type EventBatch = { events: RunEvent[]; summary: RunSummary | null };

export type EffectInput = EventBatch & {
  run_id: string;
  approved_id: string;
  approval_hash: string;
  /** Instance id, as in `m[3].fix`. */
  node: string;
  kind: EffectKind;
  /** The interpreter's attempt, from 1; Temporal's own retries never change it. */
  attempt: number;
  /** Raised when a person answered `redo`: a new ledger entry for the same attempt. */
  redo: number;
  with: JsonObject;
  timeout_ms: number;
  /** Ceiling of this call, reserved by the workflow; null = no limit of that sort applies. */
  max_usd: number | null;
  /** Decisions that widened the envelope of this run; the effect verifies each of them. */
  grants?: string[];
  /** Of a delegated run: those above it, the nearest first. */
  ancestors?: string[];
  /** Where what goes into it comes from; absent in runs that have no labels. */
  labels?: InputLabels;
  /** Of a node whose references must not make more of it than its draft says. */
  drafted?: Drafted;
};

/** An agent with the limits of its trust, and what it would do; `needs` is the envelope of that. */
export type FoundAgent = { ok: true; agent: Agent; limits: TrustLimits; plan: Plan; needs: Envelope } | { ok: false; error: ErrorInfo };

/**
 * A message for a run that GICS holds until the workflow has acknowledged it: the API delivers it at once, the reconciler
 * again until then. Its id in the collection `outbox` is the run id for `start`, else the id of the decision or command.
 */
export type OutboxRow =
  | {
      kind: 'start';
      run_id: string;
      created_at: string;
      input: RunInput;
      title: string;
      max_nodes: number;
      delegates?: boolean;
      priority?: Priority;
    }
  | { kind: 'approve' | 'reject'; run_id: string; created_at: string; decision: Decision }
  | { kind: CommandName; run_id: string; created_at: string; command: RunCommand }
  | { kind: 'delegate'; run_id: string; created_at: string; command: DelegateCommand }
  | { kind: NodeVerb; run_id: string; created_at: string; command: NodeCommand };

/** What the worker says of itself every few seconds: record `worker` of the collection `settings`. */
export type WorkerPresence = { at: string; fence: Fence; env_present: string[]; pid: number };

type Spent = { cost_usd: number | null; tokens: number | null };

export type EffectResult =
  | ({ outcome: 'done'; output: Json } & Spent)
  | ({ outcome: 'error'; error: ErrorInfo } & Spent)
  | ({ outcome: 'stopped'; processes_left: number } & Spent)
  /** A call whose end a crash took: it counts at all that was kept for it, and may be made again. */
  | ({ outcome: 'lost' } & Spent)
  | { outcome: 'unknown'; evidence: Json };

export type OpenGateInput = EventBatch & { gate_id: string; content: GateContent; expires_at: string | null };

/** What was running when the stop came, and what was known of it then. */
export type StoppedNode = { id: string; was: string; attempt: number; redo: number; is_effect: boolean };

export type CloseInput = EventBatch & {
  summary: RunSummary;
  run_id: string;
  approved_id: string;
  status: RunStatus;
  outputs: Record<string, Json>;
  node_outputs: Record<string, Json>;
  /** Of those that are not trusted and public; absent where none are known. */
  node_labels?: Record<string, Label>;
  state: RunState;
  had_effect: boolean;
  cancel: { command: RunCommand; nodes: StoppedNode[] } | null;
};

/** `deadline_ms`: epoch time after which nobody waits for the answer any more. */
export type GenerateInput = { prompt: string; provider: string | null; context: JsonObject; deadline_ms: number };
export type GenerateResult = { plan: Plan | null; provider: string; error: ErrorInfo | null };
export type ProviderCheck = { name: string; ok: boolean; detail: string; latency_ms: number | null; models: string[] };

/** Everything the workflow may ask of the outside. All are safe to repeat. Errors are coded ApplicationFailures. */
export type ActivityApi = {
  loadRun(input: RunInput): Promise<LoadedRun>;
  admitRun(input: EventBatch & RunInput): Promise<{ admitted: boolean }>;
  writeEvents(input: EventBatch & { run_id: string; acknowledged: string[]; expired: string[] }): Promise<void>;
  /** Keeps what a run hands on. Out: its hash. */
  keepSegment(input: { run_id: string; segment: RunSegment }): Promise<{ ref: string }>;
  openGate(input: OpenGateInput): Promise<{ decision: Decision | null }>;
  closeRun(input: CloseInput): Promise<void>;
  findAgent(input: { run_id: string; request: DelegationRequest }): Promise<FoundAgent>;
  openDelegation(input: { approved_id: string; delegation: Delegation; priority?: Priority }): Promise<void>;
  /** Null while the run goes on. */
  readDelegation(input: { run_id: string }): Promise<ChildEnd | null>;
  llm(input: EffectInput): Promise<EffectResult>;
  process(input: EffectInput): Promise<EffectResult>;
  patch(input: EffectInput): Promise<EffectResult>;
  http(input: EffectInput): Promise<EffectResult>;
  notify(input: EffectInput): Promise<EffectResult>;
  mcp_tool(input: EffectInput): Promise<EffectResult>;
  noop(input: EffectInput): Promise<EffectResult>;
  /** Effects of mode `pure` together, results in their order. */
  shortEffects(input: { effects: EffectInput[]; share?: RunShare }): Promise<EffectResult[]>;
  generatePlan(input: GenerateInput): Promise<GenerateResult>;
  checkProvider(input: { name: string | null }): Promise<ProviderCheck>;
  /** Asks a configured MCP server for its tools. */
  listTools(input: { server: McpServerConfig }): Promise<McpTool[]>;
  cleanUp(): Promise<{ archived_runs: number; removed_drafts: number; removed_snapshots: number; removed_workspaces: number }>;
};
