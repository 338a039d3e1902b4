/**
 * What tokens cost, in US dollars per million.
 *
 * The table holds list prices of the vendors' own endpoints, standard tier, collected on 21 November 2026. The sources are of different age:
 * - Claude 5 and later: model pages of platform.claude.com/docs (line-up of autumn 2026). Claude 4.5 and 4.6: its pricing page, a copy
 *   from the time of Opus 4.6. Cache reads are not in the table, so they are charged like input: an upper bound.
 * - GPT-5.4 and 5.5: OpenAI's pricing page as quoted by third parties in June 2026; not compared with the page itself.
 * - GPT-4.1 and 4o: pydantic/genai-prices (a copy of 2025, where sources differ for 4o: the lower, current price is taken; its cache
 *   prices and those of 4o-mini come from a public crate, openai-models 0.1.1). OpenAI's page listed 4o no longer in June 2026.
 * A price in the provider's configuration wins over it. What is not here is unknown, never 0.
 */
import {
  isLocalProvider,
  providerHost,
  type CostBasis,
  type LlmRequest,
  type LlmUsage,
  type Price,
  type Provider,
} from '#contract/provider.ts';

/** `max_input_tokens`: prompts above it cost more by a rule that is not here, so their cost is unknown. */
type Row = Price & { host: string; models: string[]; max_input_tokens?: number };

const OPENAI = 'api.openai.com';
const ANTHROPIC = 'api.anthropic.com';
const LONG_CONTEXT = 270_000;

const row = (host: string, models: string[], input: number, output: number, rest: Partial<Row> = {}): Row => ({
  host,
  models,
  input_usd_per_mtok: input,
  output_usd_per_mtok: output,
  ...rest,
});
const openai = (model: string, input: number, cached: number, output: number, maxInput?: number): Row =>
  row(OPENAI, [model], input, output, {
    cache_read_usd_per_mtok: cached,
    ...(maxInput === undefined ? {} : { max_input_tokens: maxInput }),
  });
const claude = (models: string[], input: number, output: number): Row =>
  row(ANTHROPIC, models, input, output, { cache_write_usd_per_mtok: input * 1.25 });

const TABLE: Row[] = [
  openai('gpt-5.5', 5, 0.5, 30, LONG_CONTEXT),
  openai('gpt-5.4', 2.5, 0.25, 15, LONG_CONTEXT),
  openai('gpt-5.4-mini', 0.75, 0.075, 4.5, LONG_CONTEXT),
  openai('gpt-5.4-nano', 0.2, 0.02, 1.25, LONG_CONTEXT),
  openai('gpt-4.1', 2, 0.5, 8),
  openai('gpt-4.1-mini', 0.4, 0.1, 1.6),
  openai('gpt-4.1-nano', 0.1, 0.025, 0.4),
  openai('gpt-4o-2024-05-13', 5, 5, 15),
  openai('gpt-4o', 2.5, 1.25, 10),
  openai('gpt-4o-mini', 0.15, 0.075, 0.6),
  claude(['claude-fable-5-1'], 10, 50),
  claude(['claude-opus-5-5'], 4, 20),
  claude(['claude-opus-5', 'claude-opus-4-6', 'claude-opus-4-5'], 5, 25),
  claude(['claude-sonnet-5-5', 'claude-sonnet-5'], 2, 10),
  claude(['claude-sonnet-4-6', 'claude-sonnet-4-5'], 3, 15),
  claude(['claude-haiku-4-5'], 1, 5),
];

export type KnownPrice = Price & { basis: Exclude<CostBasis, 'unknown' | 'reported'>; max_input_tokens: number | null };

/** In: a provider's configuration. Out: its price and where that comes from, null when unknown. */
export function priceOf(provider: Provider): KnownPrice | null {
  if (provider.price !== undefined) return { ...provider.price, basis: 'config', max_input_tokens: null };
  if (isLocalProvider(provider)) return { input_usd_per_mtok: 0, output_usd_per_mtok: 0, basis: 'local', max_input_tokens: null };
  const host = providerHost(provider);
  const rows = TABLE.filter((entry) => entry.host === host);
  const found = rows.find((entry) => entry.models.includes(provider.model)) ?? rows.find((entry) => isDated(provider.model, entry.models));
  if (found === undefined) return null;
  const { host: _host, models: _models, max_input_tokens, ...price } = found;
  return { ...price, basis: 'table', max_input_tokens: max_input_tokens ?? null };
}

/** `gpt-4o-2024-08-06`, `claude-sonnet-4-5-20250929`, `…-latest`; never a sibling such as `gpt-4o-mini`. */
function isDated(model: string, names: string[]): boolean {
  return names.some((name) => model.startsWith(name) && /^-(?:latest|\d{8}|\d{4}-\d{2}-\d{2})$/.test(model.slice(name.length)));
}

/** US dollars for known usage, null when the price does not cover it. */
export function costUsd(usage: LlmUsage, price: KnownPrice): number | null {
  if (price.max_input_tokens !== null && usage.input_tokens > price.max_input_tokens) return null;
  const fresh = Math.max(0, usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens);
  const microUsd =
    fresh * price.input_usd_per_mtok +
    usage.cache_read_tokens * (price.cache_read_usd_per_mtok ?? price.input_usd_per_mtok) +
    usage.cache_write_tokens * (price.cache_write_usd_per_mtok ?? price.input_usd_per_mtok) +
    usage.output_tokens * price.output_usd_per_mtok;
  return microUsd / 1e6;
}

/** Room for the words that GIMO and the chat template add around a request, and for the demand to repair an answer, in tokens. */
const FRAME_TOKENS = 400;
export const REPAIR_TOKENS = 1500;

/**
 * The most a call can cost, for the reservation before it, in US dollars; null when the price is unknown.
 * No tokeniser makes more tokens than there are bytes; a structured call may need a second turn that repeats all of the first.
 */
export function worstCaseUsd(request: LlmRequest, price: KnownPrice | null): number | null {
  if (price === null) return null;
  const schemaBytes = request.schema === undefined ? 0 : byteLength(JSON.stringify(request.schema));
  // A schema can travel twice in one turn: as words and as the endpoint's own parameter.
  const inputTokens = byteLength(request.prompt) + byteLength(request.system ?? '') + 2 * schemaBytes + FRAME_TOKENS;
  const outputTokens = request.max_output_tokens;
  const first = { inputTokens, outputTokens };
  const turns = request.schema === undefined ? [first] : [first, { inputTokens: inputTokens + outputTokens + REPAIR_TOKENS, outputTokens }];
  const inputPrice = Math.max(price.input_usd_per_mtok, price.cache_write_usd_per_mtok ?? 0);
  let totalUsd = 0;
  for (const turn of turns) {
    if (price.max_input_tokens !== null && turn.inputTokens > price.max_input_tokens) return null;
    totalUsd += (turn.inputTokens * inputPrice + turn.outputTokens * price.output_usd_per_mtok) / 1e6;
  }
  return totalUsd;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
