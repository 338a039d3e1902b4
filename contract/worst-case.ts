/** What a call of a model may need at worst, before it is made. Pure: the workflow reserves by it, the effect checks by it. */
import type { CostBasis, LlmRequest, Price } from './provider.ts';

/** `max_input_tokens`: prompts above it cost more by a rule that is not known, so their cost is unknown. */
export type KnownPrice = Price & { basis: Exclude<CostBasis, 'unknown' | 'reported'>; max_input_tokens: number | null };

/** What the models of one provider cost: `any` holds for all of them, else each that is named. */
export type PriceList = { model: string; any: KnownPrice | null; models: { names: string[]; price: KnownPrice }[] };
/** The prices that a run began with. */
export type Prices = { active: string; providers: Record<string, PriceList> };

/** Null when it is not known. */
export function priceIn(list: PriceList, model: string): KnownPrice | null {
  if (list.any !== null) return list.any;
  const found = list.models.find(({ names }) => names.includes(model)) ?? list.models.find(({ names }) => isDated(model, names));
  return found?.price ?? null;
}

/** `gpt-4o-2024-08-06`, `claude-sonnet-4-5-20250929`, `…-latest`; never a sibling such as `gpt-4o-mini`. */
function isDated(model: string, names: string[]): boolean {
  return names.some((name) => model.startsWith(name) && /^-(?:latest|\d{8}|\d{4}-\d{2}-\d{2})$/.test(model.slice(name.length)));
}

/** The price of what a node calls; null when it is not known. */
export function priceOfCall(prices: Prices, provider: string, model: string | undefined): KnownPrice | null {
  const name = provider === 'auto' ? prices.active : provider;
  const list = Object.hasOwn(prices.providers, name) ? prices.providers[name] : undefined;
  return list === undefined ? null : priceIn(list, model ?? list.model);
}

/** Room for the words that GIMO and the chat template add around a request, and for the demand to repair an answer, in tokens. */
const FRAME_TOKENS = 400;
/** What an endpoint tells a model of how tools are called. */
const TOOL_FRAME_TOKENS = 1000;
export const REPAIR_TOKENS = 1500;
/** Give or take exotic scripts. Money is reckoned by the byte instead: no tokeniser makes more tokens than there are. */
const CHARS_PER_TOKEN = 2;

type Request = Pick<LlmRequest, 'prompt' | 'system' | 'schema' | 'max_output_tokens' | 'messages' | 'tools' | 'repair'>;

/** What was said since the prompt and the tools, as text that is no shorter than what travels. */
function talkOf({ messages = [], tools = [] }: Request): string {
  return messages.length + tools.length === 0 ? '' : JSON.stringify({ messages, tools });
}

/** A structured call may need a second turn that repeats all of the first. */
function turnsOf(request: Request, inputTokens: number): { inputTokens: number; outputTokens: number }[] {
  const outputTokens = request.max_output_tokens;
  const first = { inputTokens, outputTokens };
  const mayRepair = request.schema !== undefined && request.repair !== 'none';
  return !mayRepair ? [first] : [first, { inputTokens: inputTokens + outputTokens + REPAIR_TOKENS, outputTokens }];
}

/** The most that a call can cost, in US dollars; null when the price is unknown. */
export function worstCaseUsd(request: Request, price: KnownPrice | null): number | null {
  if (price === null) return null;
  const schemaBytes = request.schema === undefined ? 0 : utf8Bytes(JSON.stringify(request.schema));
  // A schema can travel twice in one turn: as words and as the endpoint's own parameter.
  const talk = talkOf(request);
  const talkTokens = talk === '' ? 0 : utf8Bytes(talk) + TOOL_FRAME_TOKENS;
  const inputTokens = utf8Bytes(request.prompt) + utf8Bytes(request.system ?? '') + 2 * schemaBytes + talkTokens + FRAME_TOKENS;
  const inputPrice = Math.max(price.input_usd_per_mtok, price.cache_write_usd_per_mtok ?? 0);
  let totalUsd = 0;
  for (const turn of turnsOf(request, inputTokens)) {
    if (price.max_input_tokens !== null && turn.inputTokens > price.max_input_tokens) return null;
    totalUsd += (turn.inputTokens * inputPrice + turn.outputTokens * price.output_usd_per_mtok) / 1e6;
  }
  return totalUsd;
}

/** The tokens that a call is expected to need at most, of all its turns. */
export function worstCaseTokens(request: Request): number {
  const schemaChars = request.schema ? JSON.stringify(request.schema).length : 0;
  const chars = request.prompt.length + (request.system ?? '').length + schemaChars + talkOf(request).length;
  const turns = turnsOf(request, Math.ceil(chars / CHARS_PER_TOKEN));
  return turns.reduce((sum, turn) => sum + turn.inputTokens + turn.outputTokens, 0);
}

/** Bytes of a text in UTF-8; this folder also runs where nothing counts them. */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
