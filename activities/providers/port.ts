/** What the rest of GIMO sees of a provider, and what an adapter has to speak. */
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

export type Message = { role: 'user' | 'assistant'; content: string };

/** One request to the model. `nativeSchema`: the endpoint itself is asked to enforce it. */
export type Turn = {
  system: string | null;
  messages: Message[];
  maxOutputTokens: number;
  temperature: number | null;
  nativeSchema: { schema: JsonObject; isStrict: boolean } | null;
};

export type Finish = 'stop' | 'length' | 'refusal';

/** What an adapter makes of the stream. `finish` comes only from the provider's own terminal event. */
export type TurnEvent =
  | { type: 'open'; requestId: string | null }
  | { type: 'text'; text: string }
  /** Reasoning: paid for, not part of the answer. */
  | { type: 'hidden'; text: string }
  | { type: 'usage'; usage: LlmUsage }
  | { type: 'reported_cost'; usd: number }
  | { type: 'finish'; finish: Finish };

export type Adapter = {
  stream: (turn: Turn, signal: AbortSignal, timeoutMs: number) => AsyncGenerator<TurnEvent, void>;
  listModels: (signal: AbortSignal, timeoutMs: number) => Promise<string[]>;
};

export type AdapterOptions = { baseUrl: string; model: string; key: string | null };
