/**
 * LLM providers as data: configuration, the table of types, and what a call takes and gives.
 * Source: seed 001 appendix C (taxonomy), seed 002 §4 (provider.json). `/ops/provider` is the only place that changes it.
 */
import { GimoError } from './errors.ts';
import type { JsonObject, Json } from './json.ts';
import type { SchemaFault } from './json-schema.ts';
import type { AskedCall, LlmMessage, LlmTool } from './llm-talk.ts';
import { z } from './zod.ts';

/** `none`: the type parses and is listed, a call is refused with the sentence in `missing`. */
export type ProviderProtocol = 'openai' | 'anthropic' | 'none';
type ProviderTypeRow = { protocol: ProviderProtocol; base_url: string | null; needs_key: boolean; missing: string | null };

const speaks = (protocol: ProviderProtocol, base_url: string | null, needs_key: boolean): ProviderTypeRow => ({
  protocol,
  base_url,
  needs_key,
  missing: null,
});
const absent = (adapter: string): ProviderTypeRow => ({
  protocol: 'none',
  base_url: null,
  needs_key: true,
  missing: `The ${adapter} adapter is not part of this build; reach the model through an OpenAI-compatible endpoint instead.`,
});

/** Type → protocol, default address (null: `base_url` must be given), whether calls need a key. */
export const PROVIDER_TYPES = {
  ollama_local: speaks('openai', 'http://127.0.0.1:11434/v1', false),
  openai: speaks('openai', 'https://api.openai.com/v1', true),
  codex: absent('Codex CLI'),
  groq: speaks('openai', 'https://api.groq.com/openai/v1', true),
  openrouter: speaks('openai', 'https://openrouter.ai/api/v1', true),
  custom_openai_compatible: speaks('openai', null, false),
  openai_compat: speaks('openai', null, false),
  anthropic: speaks('anthropic', 'https://api.anthropic.com', true),
  gemini: absent('Gemini API'),
} as const satisfies Record<string, ProviderTypeRow>;

export type ProviderType = keyof typeof PROVIDER_TYPES;
export const PROVIDER_TYPE_NAMES = Object.keys(PROVIDER_TYPES) as ProviderType[];

/** A reference to an environment variable: the only form in which a key is stored or shown. */
export const ENV_REF = /^\$\{([A-Za-z_][A-Za-z0-9_]{0,127})\}$/;
/** The same inside a longer text. */
export const ENV_REF_IN_TEXT = /\$\{([A-Za-z_][A-Za-z0-9_]{0,127})\}/;
/** GIMO's own tokens must never travel to a provider as its key, nor anywhere else. */
export const OWN_VARIABLE = /\$\{(?:ORCH|GIMO)_/;

const ApiKeyRef = z
  .string()
  .regex(ENV_REF, 'must be null or a reference to an environment variable, "${NAME}"; a key itself is never stored')
  .refine((ref) => !OWN_VARIABLE.test(ref), 'may not name a variable of GIMO itself (ORCH_…, GIMO_…)')
  .nullable();

// Not by `URL`: this file also runs where there is none. Credentials, queries and fragments could hold keys.
const HTTP_URL = /^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?(?:\/[^\s?#\\]*)?$/i;
const BaseUrl = z.string().max(2048).regex(HTTP_URL, 'must be an http or https address without user name, password, query or fragment');

const usdPerMtok = z.number().min(0).max(1_000_000);
/** US dollars per million tokens. Cache prices left out: reads and writes are charged like input. */
export const PriceSchema = z.strictObject({
  input_usd_per_mtok: usdPerMtok,
  output_usd_per_mtok: usdPerMtok,
  cache_read_usd_per_mtok: usdPerMtok.optional(),
  cache_write_usd_per_mtok: usdPerMtok.optional(),
});
export type Price = z.infer<typeof PriceSchema>;

const providerFields = {
  type: z.enum(PROVIDER_TYPE_NAMES),
  base_url: BaseUrl.optional(),
  model: z.string().min(1).max(256),
  api_key: ApiKeyRef.default(null),
  max_output_tokens: z.number().int().min(1).max(1_000_000).optional(),
  price: PriceSchema.optional(),
};
const needsAddress = (provider: { type: ProviderType; base_url?: string }): boolean =>
  PROVIDER_TYPES[provider.type].protocol === 'none' || providerBaseUrl(provider) !== null;
const ADDRESS_FAULT = { path: ['base_url'], message: 'is required for this type' };

export const ProviderSchema = z.strictObject(providerFields).refine(needsAddress, ADDRESS_FAULT);
export type Provider = z.infer<typeof ProviderSchema>;

const ProviderName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'must begin with a letter and hold only letters, digits, - and _');

export const ProviderConfigSchema = z
  .strictObject({ active: ProviderName, providers: z.record(ProviderName, ProviderSchema) })
  .refine((config) => Object.hasOwn(config.providers, config.active), { path: ['active'], message: 'must be a name in `providers`' });
export type ProviderConfig = z.infer<typeof ProviderConfigSchema>;

// `key_set` is accepted and ignored, so that what GET answered can be sent back as it is.
const ProviderUpdateEntry = z
  .strictObject({ ...providerFields, key_set: z.boolean().nullable().optional() })
  .refine(needsAddress, ADDRESS_FAULT);

/**
 * Body of PUT /ops/provider. `{active, providers}` replaces all, `{active}` switches,
 * `{providers}` adds or replaces the named ones (null removes one) and keeps the rest.
 */
export const ProviderUpdateSchema = z
  .strictObject({ active: ProviderName.optional(), providers: z.record(ProviderName, ProviderUpdateEntry.nullable()).optional() })
  .refine((update) => update.active !== undefined || update.providers !== undefined, 'give `active`, `providers` or both');
export type ProviderUpdate = z.infer<typeof ProviderUpdateSchema>;

/** The template of a fresh installation (seed 002 §4). */
export const DEFAULT_PROVIDERS: ProviderConfig = {
  active: 'local_ollama',
  providers: {
    local_ollama: { type: 'openai_compat', base_url: 'http://localhost:11434/v1', model: 'qwen2.5-coder:7b', api_key: null },
    lm_studio: { type: 'openai_compat', base_url: 'http://localhost:1234/v1', model: 'loaded-model', api_key: null },
    gemini: { type: 'gemini', model: 'gemini-2.5-pro', api_key: '${GEMINI_API_KEY}' },
    openai: { type: 'openai_compat', base_url: 'https://api.openai.com/v1', model: 'gpt-4o', api_key: '${OPENAI_API_KEY}' },
    claude_api: { type: 'anthropic', model: 'claude-sonnet-4-5-20250929', api_key: '${ANTHROPIC_API_KEY}' },
  },
};

/** The configuration after an update. Throws: PROVIDER_UNKNOWN when the active name is not among the providers. */
export function mergeProviders(current: ProviderConfig, update: ProviderUpdate): ProviderConfig {
  const isWhole = update.active !== undefined && update.providers !== undefined;
  const providers: Record<string, Provider> = isWhole ? {} : { ...current.providers };
  for (const [name, entry] of Object.entries(update.providers ?? {})) {
    if (entry === null) delete providers[name];
    else {
      const { key_set: _shownOnly, ...provider } = entry;
      providers[name] = provider;
    }
  }
  const active = update.active ?? current.active;
  if (!Object.hasOwn(providers, active)) throw unknownProvider(active, providers);
  return { active, providers };
}

/** The named provider, or the active one for `auto` and no name. Throws: PROVIDER_UNKNOWN. */
export function findProvider(config: ProviderConfig, name: string | null): { name: string; provider: Provider } {
  const wanted = name === null || name === 'auto' ? config.active : name;
  const provider = Object.hasOwn(config.providers, wanted) ? config.providers[wanted] : undefined;
  if (provider === undefined) throw unknownProvider(wanted, config.providers);
  return { name: wanted, provider };
}

function unknownProvider(name: string, providers: Record<string, Provider>): GimoError {
  const known = Object.keys(providers).join(', ');
  return new GimoError('PROVIDER_UNKNOWN', {
    message: `There is no provider "${name}".`,
    hint: `Known: ${known === '' ? 'none' : known}.`,
  });
}

/** `key_set`: whether the variable is set where calls are made; null = not known here, or no key is used. */
export type ShownProvider = Provider & { key_set: boolean | null };
export type ShownProviders = { active: string; providers: Record<string, ShownProvider> };

/** What GET shows. Only names of variables can be in it: anything else in `api_key` is dropped, whatever the store held. */
export function redactProviders(config: ProviderConfig): ShownProviders {
  const providers: Record<string, ShownProvider> = {};
  for (const [name, provider] of Object.entries(config.providers)) {
    const isRef = provider.api_key !== null && ENV_REF.test(provider.api_key);
    providers[name] = { ...provider, api_key: isRef ? provider.api_key : null, key_set: null };
  }
  return { active: config.active, providers };
}

/** Address that calls go to, null when the type has no default and none is given. */
export function providerBaseUrl(provider: { type: ProviderType; base_url?: string }): string | null {
  return provider.base_url ?? PROVIDER_TYPES[provider.type].base_url;
}

/** Whether calls stay on this machine's own models: Ollama, or a loopback address. */
export function isLocalProvider(provider: { type: ProviderType; base_url?: string }): boolean {
  if (provider.type === 'ollama_local') return true;
  const host = providerHost(provider);
  return host === 'localhost' || host === '[::1]' || (host !== null && /^127(?:\.\d{1,3}){3}$/.test(host));
}

/** Host name of the address that calls go to, in lower case. */
export function providerHost(provider: { type: ProviderType; base_url?: string }): string | null {
  return HTTP_URL.exec(providerBaseUrl(provider) ?? '')?.[1]?.toLowerCase() ?? null;
}

/**
 * One call. `schema` is a JSON Schema; the answer is then JSON that fits it. `temperature` is left to the model when absent.
 * `messages` follow the prompt. `tools`: what the model may ask for; nobody carries it out here. `tool_choice`: it may not ask now.
 */
export type LlmRequest = {
  prompt: string;
  system?: string;
  schema?: JsonObject;
  max_output_tokens: number;
  temperature?: number;
  messages?: LlmMessage[];
  tools?: LlmTool[];
  tool_choice?: 'none';
  /** What does not fit `schema` is told as `faults`, instead of being asked for again. */
  repair?: 'none';
};

/** Tokens. `input_tokens` is the whole prompt and includes cache reads and writes; `output_tokens` includes reasoning. */
export type LlmUsage = {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
};

/** Where a cost comes from: the provider's own figure, the configured price, the built-in table, a local model, or nowhere. */
export type CostBasis = 'reported' | 'config' | 'table' | 'local' | 'unknown';

/** `usage` and `cost_usd` null = not known, never zero. `finish` `length`: the answer reached max_output_tokens. */
export type LlmResult = {
  text: string;
  json: Json;
  /** Where the answer does not fit `schema`; empty when it fits, and where it asks for tools instead. */
  faults: SchemaFault[];
  finish: 'stop' | 'length';
  usage: LlmUsage | null;
  cost_usd: number | null;
  cost_basis: CostBasis;
  model: string;
  provider: string;
  provider_request_id: string | null;
  /** What the model asks for; empty but where tools were offered. */
  tool_calls: AskedCall[];
};
