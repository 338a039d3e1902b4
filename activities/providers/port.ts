/** What the rest of GIMO sees of a provider, and what an adapter has to speak. */
import type { LlmTool, ToolCall, ToolResult } from '#contract/llm-talk.ts';
import type { LlmRequest, LlmResult, LlmUsage } from '#contract/provider.ts';
import type { JsonObject } from '#contract/json.ts';

export type InvokeOptions = {
  /** Cuts the call at once; it then throws STOPPED. */
  signal: AbortSignal;
  /** Pieces of text as they arrive. `turn` is 2 for the repair of a structured answer. */
  onDelta?: (text: string, turn: number) => void;
  /** Limit for the whole call, repair included. */
  timeoutMs: number;
  /** Cuts the call when its estimated cost passes this; null or absent = no limit. */
  maxCostUsd?: number | null;
};

export type ProviderHealth = { ok: boolean; detail: string; latency_ms: number; models?: string[] };

export type LlmProvider = {
  /**
   * One answer. Waits: ≤ timeoutMs. Throws: STOPPED, BUDGET_EXCEEDED, TIMEOUT, PROVIDER_*.
   * `data` of what it throws: `{provider, model, partial_text, received_chars, usage, cost_usd, estimated_cost_usd}`,
   * and `retry_after_ms` for PROVIDER_RATE_LIMITED.
   */
  invoke: (request: LlmRequest, options: InvokeOptions) => Promise<LlmResult>;
  /** Lists models as a sign of life. Waits: ≤ 5 s. Never throws. */
  health: (options: { signal: AbortSignal }) => Promise<ProviderHealth>;
};

export type Message =
  | { role: 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: ToolCall[] }
  | { role: 'tool'; results: ToolResult[] };

/** One request to the model. `nativeSchema`: the endpoint itself is asked to enforce it. */
export type Turn = {
  system: string | null;
  messages: Message[];
  maxOutputTokens: number;
  temperature: number | null;
  nativeSchema: { schema: JsonObject; isStrict: boolean } | null;
  tools: LlmTool[];
  /** The tools are named, because the messages speak of them, but none may be asked for. */
  mayCallTools: boolean;
};

/** A call as it came: its arguments are text that nobody has read. */
export type RawCall = { name: string; argumentsText: string };

export type Finish = 'stop' | 'length' | 'refusal';

/** What an adapter makes of the stream. `finish` comes only from the provider's own terminal event. */
export type TurnEvent =
  | { type: 'open'; requestId: string | null }
  | { type: 'text'; text: string }
  /** Reasoning, and arguments of calls as they are written: paid for, not part of the text. */
  | { type: 'hidden'; text: string }
  /** A call that is complete. */
  | { type: 'tool_call'; call: RawCall }
  | { type: 'usage'; usage: LlmUsage }
  | { type: 'reported_cost'; usd: number }
  | { type: 'finish'; finish: Finish };

export type Adapter = {
  stream: (turn: Turn, signal: AbortSignal, timeoutMs: number) => AsyncGenerator<TurnEvent, void>;
  listModels: (signal: AbortSignal, timeoutMs: number) => Promise<string[]>;
};

export type AdapterOptions = { baseUrl: string; model: string; key: string | null };
