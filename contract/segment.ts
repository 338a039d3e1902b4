/**
 * What a run hands on when it goes on in a new workflow of the same id, because Temporal keeps only so long a history of one.
 * Compact: nodes that have not been touched, and the plan, are loaded again.
 */
import type { ToolDescriptions } from './agent-calls.ts';
import type { Decision, GateContent } from './decision.ts';
import type { BudgetState, Raise, Reservation } from './budget.ts';
import type { Envelope } from './envelope.ts';
import type { Json } from './json.ts';
import type { Label } from './labels.ts';
import type { EffectResult } from './messages.ts';
import type { Delta } from './plan-delta.ts';
import type { PlanNode } from './plan.ts';
import type { ErrorInfo, NodeStatus, RunState } from './run-state.ts';

/** How a scope ends; `undoes`: what was done in it is undone. */
export type ScopeFailure = { node: string; error: ErrorInfo; undoes: boolean };
/** One round of a container. */
export type RoundResult = { ok: true; output: Json } | { ok: false; error: ErrorInfo };

/** A scope that has begun and not ended: how its nodes ended so far. */
export type KeptScope = {
  prefix: string;
  ended: Record<string, NodeStatus>;
  failure: ScopeFailure | null;
  /** Left out because of the failure. */
  after_failure: string[];
};

/** A node that has begun and not ended. Absent fields: it is not there. */
export type KeptNode = {
  id: string;
  /** Above 1 after a failure. */
  attempt?: number;
  /** It failed and waits for its next try or for a person. */
  failed?: ErrorInfo;
  /** Its effect came to this, and a person or the end of a pause is waited for. */
  result?: EffectResult;
  /** Epoch ms at which its timer ends. */
  until_ms?: number;
  /** What a person has said to calls of this agent. */
  agent?: { granted: Delta[]; refused: Delta[] };
  /** Its effect goes on meanwhile: the ledger hands the result to whoever asks again. */
  effect?: { reserved: Reservation | null; workspace: 'read' | 'write' | null };
};

export type KeptGate = {
  node: string;
  gate_id: string;
  kind: GateContent['kind'];
  hash: string;
  expires_ms: number | null;
  decision: Decision | null;
};

/** `asked`: by node, what a person is being asked to add. */
export type KeptSpending = { budget: BudgetState; asked: Record<string, Raise>; refused_by: string | null };

/** A compensation that may yet be needed, with what its expressions see. */
export type KeptUndo = { prefix: string; undone: string; compensation: PlanNode; context: Record<string, Json> };

export type RunSegment = {
  /** 2 for the first that is handed on to. */
  number: number;
  state: RunState;
  outputs: Record<string, Json>;
  /** Of outputs that are not trusted and public; absent in what runs handed on before there were labels. */
  labels?: Record<string, Label>;
  scopes: KeptScope[];
  /** Container → index → what that round came to. */
  rounds: Record<string, Record<string, RoundResult>>;
  nodes: KeptNode[];
  gates: { open: KeptGate[]; asked: Record<string, number>; seen: string[] };
  undo: KeptUndo[];
  /** Messages that were obeyed. */
  seen: string[];
  steering: { left_out: string[]; stopped: string[] };
  spending: KeptSpending;
  counts: { total: number; counted: Record<string, number>; added: Record<string, number> };
  redos: Record<string, number>;
  envelope: Envelope;
  grants: string[];
  active_ms: number;
  had_effect: boolean;
  /** As they were when the run began. */
  agent_tools?: ToolDescriptions;
};
