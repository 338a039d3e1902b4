/** Counts what a call costs while it runs. Estimates (4 bytes a token) until the provider reports. One meter per call. */
import type { CostBasis, LlmUsage } from '#contract/provider.ts';
import type { KnownPrice } from '#contract/worst-case.ts';
import { costUsd } from './prices.ts';

const BYTES_PER_TOKEN = 4;

export class CallMeter {
  readonly #price: KnownPrice | null;
  readonly #limitUsd: number | null;
  #settled: { usage: LlmUsage | null; reportedUsd: number | null }[] = [];
  #settledEstimateUsd = 0;
  #promptTokens = 0;
  #outputBytes = 0;
  #reported: LlmUsage | null = null;

  constructor(price: KnownPrice | null, limitUsd: number | null) {
    this.#price = price;
    this.#limitUsd = limitUsd;
  }

  /** A turn begins. In: the text that is sent. */
  begin(promptText: string): void {
    this.#promptTokens = Math.ceil(Buffer.byteLength(promptText, 'utf8') / BYTES_PER_TOKEN);
    this.#outputBytes = 0;
    this.#reported = null;
  }

  addOutput(text: string): void {
    this.#outputBytes += Buffer.byteLength(text, 'utf8');
  }

  /** What the provider counted so far; outputs still running are counted by the larger of both. */
  addUsage(usage: LlmUsage): void {
    this.#reported = usage;
  }

  /** The turn is complete. In: final usage (null = the provider did not say) and the provider's own price for it. */
  settle(usage: LlmUsage | null, reportedUsd: number | null): void {
    const estimateUsd = this.#turnEstimateUsd();
    const exactUsd = reportedUsd ?? (usage !== null && this.#price !== null ? costUsd(usage, this.#price) : null);
    this.#settledEstimateUsd += exactUsd ?? estimateUsd ?? 0;
    this.#settled.push({ usage, reportedUsd });
    this.begin('');
  }

  /** The turn was refused before any work was done. */
  drop(): void {
    this.begin('');
  }

  /** Settled turns and the running one, US dollars; null when the price is unknown. */
  get estimatedUsd(): number | null {
    const turnUsd = this.#turnEstimateUsd();
    return turnUsd === null ? null : this.#settledEstimateUsd + turnUsd;
  }

  get isOverLimit(): boolean {
    return this.#limitUsd !== null && (this.estimatedUsd ?? Infinity) > this.#limitUsd;
  }

  /** Models of this machine: whatever happens costs nothing. */
  get isFree(): boolean {
    return this.#price?.basis === 'local';
  }

  /** Sum of the settled turns; null as soon as one is unknown. */
  get usage(): LlmUsage | null {
    let sum: LlmUsage | null = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 };
    for (const { usage } of this.#settled) sum = sum === null || usage === null ? null : addUp(sum, usage);
    return sum;
  }

  /** Cost of the settled turns and where the figure comes from. No turns cost nothing. */
  get cost(): { usd: number | null; basis: CostBasis } {
    if (this.#settled.length > 0 && this.#settled.every((turn) => turn.reportedUsd !== null)) {
      return { usd: this.#settled.reduce((sum, turn) => sum + (turn.reportedUsd ?? 0), 0), basis: 'reported' };
    }
    const price = this.#price;
    if (price === null) return { usd: this.#settled.length === 0 ? 0 : null, basis: 'unknown' };
    if (this.isFree) return { usd: 0, basis: 'local' };
    let usd: number | null = 0;
    for (const { usage } of this.#settled) {
      const turnUsd: number | null = usage === null ? null : costUsd(usage, price);
      usd = usd === null || turnUsd === null ? null : usd + turnUsd;
    }
    return { usd, basis: usd === null ? 'unknown' : price.basis };
  }

  #turnEstimateUsd(): number | null {
    if (this.#price === null) return null;
    const outputTokens = Math.max(this.#reported?.output_tokens ?? 0, Math.ceil(this.#outputBytes / BYTES_PER_TOKEN));
    const base = this.#reported ?? { input_tokens: this.#promptTokens, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 };
    return costUsd({ ...base, output_tokens: outputTokens }, this.#price);
  }
}

function addUp(a: LlmUsage, b: LlmUsage): LlmUsage {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cache_read_tokens: a.cache_read_tokens + b.cache_read_tokens,
    cache_write_tokens: a.cache_write_tokens + b.cache_write_tokens,
    reasoning_tokens: a.reasoning_tokens + b.reasoning_tokens,
  };
}
