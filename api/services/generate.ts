/** Work that a provider does for the API: writing a plan, and saying whether it is there. It runs in the worker, which has the keys. */
import { errorCode, GimoError, isErrorCode } from '#contract/errors.ts';
import type { JsonObject } from '#contract/json.ts';
import { WORKFLOWS, type GenerateInput, type GenerateResult, type ProviderCheck } from '#contract/messages.ts';
import type { Draft } from '#contract/objects.ts';
import { findProvider } from '#contract/provider.ts';
import type { Call, Core } from '../deps.ts';
import { storeDraft } from './drafts.ts';
import { newUlid } from './ids.ts';
import { errorInfo, infoOf, runShort } from './short-work.ts';
import { requireValidPlan, type CheckedPlan } from './plans.ts';
import { readOpsConfig, readProviders } from './settings.ts';

const GENERATE_MS = 28_000;
const CHECK_MS = 10_000;

export type GenerateRequest = { prompt: string; provider?: string; context?: JsonObject };

/** A repeat with the same Idempotency-Key joins the workflow of the first, so that a provider is paid once. */
function workflowId(call: Call): string {
  return `generate-${call.idempotency?.id ?? newUlid()}`;
}

async function writePlan(core: Core, call: Call, request: GenerateRequest): Promise<{ checked: CheckedPlan; provider: string }> {
  const { name } = findProvider(await readProviders(core), request.provider ?? null);
  const deadline = Date.now() + GENERATE_MS;
  const input: GenerateInput = { prompt: request.prompt, provider: name, context: request.context ?? {}, deadline_ms: deadline };
  const result = await runShort<GenerateResult>(core, { type: WORKFLOWS.generatePlan, id: workflowId(call), args: [input], deadline });
  if (result.plan === null) {
    const { code, message, hint } = result.error ?? errorInfo('PROVIDER_BAD_OUTPUT');
    throw new GimoError(isErrorCode(code) ? code : 'PROVIDER_BAD_OUTPUT', { message, hint });
  }
  return {
    checked: await requireValidPlan(core, JSON.parse(JSON.stringify(result.plan)), JSON.stringify(result.plan).length),
    provider: result.provider,
  };
}

/** Out: a draft with the plan, or one with the status `error` that says why there is none. Waits: ≤ 28 s. Throws: FORBIDDEN. */
export async function generateDraft(core: Core, call: Call, request: GenerateRequest): Promise<Draft> {
  if (call.actor.role !== 'admin' && !(await readOpsConfig(core)).operator_can_generate)
    throw new GimoError('FORBIDDEN', {
      message: 'Generating needs the role admin here.',
      hint: 'Use an admin credential, or let an admin set `operator_can_generate` (PUT /ops/config).',
    });
  const base = { prompt: request.prompt, isPromptPlan: false, context: request.context ?? {} };
  try {
    const { checked, provider } = await writePlan(core, call, request);
    return await storeDraft(core, call, { ...base, checked, provider, error: null });
  } catch (error) {
    if (errorCode(error) === 'GICS_UNAVAILABLE' || errorCode(error) === 'GICS_FULL') throw error;
    core.log.warn({ err: error, correlation_id: call.correlationId }, 'no plan was generated');
    return storeDraft(core, call, { ...base, checked: null, provider: request.provider ?? null, error: infoOf(error) });
  }
}

/** Whether a provider answers. Waits: ≤ 10 s. Throws: PROVIDER_UNKNOWN. */
export async function checkProvider(core: Core, name: string | undefined): Promise<ProviderCheck> {
  const { name: found } = findProvider(await readProviders(core), name ?? null);
  const deadline = Date.now() + CHECK_MS;
  try {
    return await runShort<ProviderCheck>(core, {
      type: WORKFLOWS.checkProvider,
      id: `check-${newUlid()}`,
      args: [{ name: found }],
      deadline,
    });
  } catch (error) {
    core.log.warn({ err: error, provider: found }, 'a provider could not be checked');
    const detail = error instanceof GimoError ? error.message : 'It did not answer within 10 s.';
    return { name: found, ok: false, detail, latency_ms: null, models: [] };
  }
}
