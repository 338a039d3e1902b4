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
import { isLocalProvider, providerHost, type LlmUsage, type Price, type Provider } from '#contract/provider.ts';
import { priceIn, type KnownPrice, type PriceList } from '#contract/worst-case.ts';

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

/** In: a provider's configuration. Out: its price and where that comes from, null when unknown. */
export function priceOf(provider: Provider): KnownPrice | null {
  return priceIn(priceListOf(provider), provider.model);
}

/** What all models of a provider cost. */
export function priceListOf(provider: Provider): PriceList {
  const { model, price } = provider;
  if (price !== undefined) return { model, any: { ...price, basis: 'config', max_input_tokens: null }, models: [] };
  if (isLocalProvider(provider)) return { model, any: FREE, models: [] };
  const host = providerHost(provider);
  return { model, any: null, models: TABLE.filter((entry) => entry.host === host).map(named) };
}

const FREE: KnownPrice = { input_usd_per_mtok: 0, output_usd_per_mtok: 0, basis: 'local', max_input_tokens: null };

function named({ host: _host, models: names, max_input_tokens, ...price }: Row): PriceList['models'][number] {
  return { names, price: { ...price, basis: 'table', max_input_tokens: max_input_tokens ?? null } };
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
