import { Context } from '@temporalio/activity';
import { GimoError, type Fault } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import type { GenerateInput, GenerateResult } from '#contract/messages.ts';
import { checkPlan } from '#contract/plan-check.ts';
import type { Plan } from '#contract/plan.ts';
import { findProvider, type Provider } from '#contract/provider.ts';
import { resolveEnvRef } from '#platform/env-refs.ts';
import { redactJson } from '#platform/redact.ts';
import type { ActivityDeps } from '../deps.ts';
import { toErrorInfo } from '../failure.ts';
import { createProvider } from '../providers/create-provider.ts';
import type { LlmProvider } from '../providers/port.ts';
import { counted } from './generation-cost.ts';
import { GENERATION_SCHEMA, GENERATION_SYSTEM, planFromAnswer } from './generation-schema.ts';
import { readProviders } from './settings.ts';

const MAX_OUTPUT_TOKENS = 4000;

type Paid = Pick<ActivityDeps, 'gics' | 'log' | 'env'>;

/** A provider writes a plan, for whoever waits for the workflow. */
export function generatePlan(deps: ActivityDeps, input: GenerateInput): Promise<GenerateResult> {
  return generateAs(deps, input, Context.current().info.workflowExecution?.workflowId ?? 'generate');
}

/** One turn, total validation, one repair turn with the list of faults. In: what names it in the books. Waits: until `deadline_ms`. */
export async function generateAs(deps: Paid, input: GenerateInput, id: string): Promise<GenerateResult> {
  let provider = input.provider ?? 'auto';
  try {
    const found = findProvider(await readProviders(deps.gics), input.provider);
    provider = found.name;
    const llm = await createProvider(found.name, found.provider, (ref) => resolveEnvRef(ref, deps.env));
    const ask = (prompt: string, turn: number): Promise<Json> =>
      asked(deps, { key: `${id}/${turn}`, name: found.name, provider: found.provider, llm }, input, prompt);
    return { plan: await writePlan(ask, input), provider, error: null };
  } catch (error) {
    return { plan: null, provider, error: toErrorInfo(error, 1) };
  }
}

type Ask = (prompt: string, turn: number) => Promise<Json>;

async function writePlan(ask: Ask, input: GenerateInput): Promise<Plan> {
  const first = await ask(request(input), 1);
  const checked = checkPlan(planFromAnswer(first, input.prompt));
  if (checked.plan) return checked.plan;
  const second = await ask(repair(input, first, checked.faults), 2);
  const repaired = checkPlan(planFromAnswer(second, input.prompt));
  if (repaired.plan) return repaired.plan;
  const [fault] = repaired.faults;
  throw new GimoError('PROVIDER_BAD_OUTPUT', {
    message: `The plan that the model wrote is not valid, also after one correction: ${fault?.path ?? ''} ${fault?.message ?? ''}`,
  });
}

type Callee = { key: string; name: string; provider: Provider; llm: LlmProvider };

async function asked(deps: Paid, { llm, ...callee }: Callee, input: GenerateInput, prompt: string): Promise<Json> {
  const leftMs = input.deadline_ms - Date.now();
  if (leftMs <= 0) throw new GimoError('TIMEOUT', { message: 'The provider took longer than 30 s.' });
  const signal = AbortSignal.timeout(leftMs);
  const request = { prompt, system: GENERATION_SYSTEM, schema: GENERATION_SCHEMA, max_output_tokens: MAX_OUTPUT_TOKENS };
  const { json } = await counted(deps, { ...callee, request }, (maxCostUsd) =>
    llm.invoke(request, { signal, timeoutMs: leftMs, maxCostUsd }),
  );
  return redactJson(json);
}

function request({ prompt, context }: GenerateInput): string {
  const facts = Object.keys(context).length === 0 ? '' : `\n\nContext:\n${JSON.stringify(context)}`;
  return `Write a plan for this task:\n${prompt}${facts}`;
}

function repair(input: GenerateInput, answer: Json, faults: Fault[]): string {
  const list = faults.map((fault) => `- ${fault.node === null ? '' : `step ${fault.node}, `}${fault.path}: ${fault.message}`).join('\n');
  return `${request(input)}\n\nYour plan was:\n${JSON.stringify(answer)}\n\nIt has these faults; correct them all and give the whole plan again:\n${list}`;
}
