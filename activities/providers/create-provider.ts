/** From a provider's configuration to something that can be called. */
import { GimoError, errorMessage } from '#contract/errors.ts';
import { plural } from '#contract/plural.ts';
import { PROVIDER_TYPES, providerBaseUrl, type LlmRequest, type LlmResult, type Provider } from '#contract/provider.ts';
import { Cut } from './cut.ts';
import { providerFailure } from './failure.ts';
import { CallMeter } from './meter.ts';
import { nativeSchema } from './native-schema.ts';
import { messageOf, readCall } from './tool-calls.ts';
import type { Adapter, InvokeOptions, LlmProvider, ProviderHealth, Turn } from './port.ts';
import { priceOf } from './prices.ts';
import { runTurn, type Call } from './run-turn.ts';
import { requireUsableSchema, runStructured, structuredSystem } from './structured-output.ts';

const HEALTH_TIMEOUT_MS = 5000;
const MAX_LISTED_MODELS = 200;

/**
 * In: the provider's name and entry; `resolveKey` turns a `${NAME}` reference into the key.
 * Waits: the first time, for the client library. Throws: PROVIDER_NOT_CONFIGURED (no adapter, no key, no address), and what
 * `resolveKey` throws (ENV_UNSET).
 */
export async function createProvider(name: string, config: Provider, resolveKey: (ref: string) => string): Promise<LlmProvider> {
  const adapter = await createAdapter(name, config, resolveKey);
  return {
    invoke: (request, options) => invoke(name, config, adapter, request, options),
    health: ({ signal }) => health(name, config, adapter, signal),
  };
}

/** The client libraries are a third of all that a worker loads, so they are loaded when a model is called. */
async function createAdapter(name: string, config: Provider, resolveKey: (ref: string) => string): Promise<Adapter> {
  const row = PROVIDER_TYPES[config.type];
  if (row.missing !== null) throw notConfigured(`The provider "${name}" cannot be called. ${row.missing}`);
  const baseUrl = providerBaseUrl(config);
  if (baseUrl === null) throw notConfigured(`The provider "${name}" has no base_url.`);
  if (row.needs_key && config.api_key === null) throw notConfigured(`The provider "${name}" needs an api_key of the form "\${NAME}".`);
  const key = config.api_key === null ? null : resolveKey(config.api_key);
  const options = { baseUrl, model: config.model, key };
  if (row.protocol === 'anthropic') return (await import('./anthropic.ts')).anthropic(options);
  return (await import('./openai-compatible.ts')).openAiCompatible(options);
}

function notConfigured(message: string): GimoError {
  return new GimoError('PROVIDER_NOT_CONFIGURED', { message });
}

async function invoke(name: string, config: Provider, adapter: Adapter, request: LlmRequest, options: InvokeOptions): Promise<LlmResult> {
  const { schema } = request;
  if (schema !== undefined) requireUsableSchema(schema);
  const price = priceOf(config);
  const limitUsd = options.maxCostUsd ?? null;
  if (price === null && limitUsd !== null) throw unknownPrice(name, config);
  const meter = new CallMeter(price, limitUsd);
  const cut = new Cut(options.signal, options.timeoutMs);
  const call: Call = { provider: name, model: config.model, adapter, meter, cut, onDelta: options.onDelta ?? (() => undefined) };
  try {
    const turn = firstTurn(config, request);
    const result =
      schema === undefined
        ? { ...(await runTurn(call, turn, 1)), json: null, faults: [] }
        : await runStructured(call, turn, schema, request.repair !== 'none');
    return {
      text: result.text,
      json: result.json,
      faults: result.faults,
      finish: result.finish,
      usage: meter.usage,
      cost_usd: meter.cost.usd,
      cost_basis: meter.cost.basis,
      model: config.model,
      provider: name,
      provider_request_id: result.requestId,
      tool_calls: request.tools === undefined ? [] : result.calls.map(readCall),
    };
  } finally {
    cut.close();
  }
}

function firstTurn(config: Provider, request: LlmRequest): Turn {
  const system = request.system ?? null;
  const hasTools = request.tools !== undefined;
  return {
    system: request.schema === undefined ? system : structuredSystem(system, request.schema, hasTools),
    messages: [{ role: 'user', content: request.prompt }, ...(request.messages ?? []).map(messageOf)],
    maxOutputTokens: Math.min(request.max_output_tokens, config.max_output_tokens ?? Infinity),
    temperature: request.temperature ?? null,
    nativeSchema: request.schema === undefined ? null : nativeSchema(config, request.schema, hasTools),
    tools: request.tools ?? [],
    mayCallTools: request.tool_choice !== 'none',
  };
}

function unknownPrice(name: string, config: Provider): GimoError {
  return new GimoError('BUDGET_EXCEEDED', {
    message: `The price of the model ${config.model} of ${name} is not known, so a money limit cannot be kept.`,
    hint: `Set \`price\` of the provider "${name}" (PUT /ops/provider), or run without a money limit.`,
    data: { provider: name, model: config.model, usage: null, cost_usd: 0 },
  });
}

async function health(name: string, config: Provider, adapter: Adapter, signal: AbortSignal): Promise<ProviderHealth> {
  const startedAt = performance.now();
  const cut = new Cut(signal, HEALTH_TIMEOUT_MS);
  const answer = (ok: boolean, detail: string, models?: string[]): ProviderHealth => ({
    ok,
    detail,
    latency_ms: Math.round(performance.now() - startedAt),
    ...(models === undefined ? {} : { models: models.slice(0, MAX_LISTED_MODELS) }),
  });
  try {
    const models = await Promise.race([adapter.listModels(cut.signal, HEALTH_TIMEOUT_MS), cut.happened]);
    const has = models.includes(config.model) ? `${config.model} is one of them` : `${config.model} is not one of them`;
    return answer(true, `It lists ${plural(models.length, 'model')}; ${has}.`, models);
  } catch (error) {
    if (cut.why === 'stopped') return answer(false, 'The check was stopped.');
    if (cut.why === 'timeout') return answer(false, `The provider ${name} did not answer within ${HEALTH_TIMEOUT_MS} ms.`);
    return answer(
      false,
      errorMessage(providerFailure(error, { provider: name, model: config.model, phase: 'connecting', nowMs: Date.now() })),
    );
  } finally {
    cut.close();
  }
}
