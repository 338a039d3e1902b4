/** A plan whose effects end as a test says and whose questions are answered at once: what was asked, and what was done. */
import type { ToolDescriptions } from '#contract/agent-calls.ts';
import type { Decision, GateContent } from '#contract/decision.ts';
import type { Reuse } from '#contract/fork.ts';
import type { FlowRule } from '#contract/label-rules.ts';
import type { EffectInput, EffectResult } from '#contract/messages.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { Plan } from '#contract/plan.ts';
import { errorInfo } from './failure.ts';
import type { RunContext } from './run-context.ts';
import { interpreter } from './test-interpreter.ts';

export type Effect = Pick<EffectInput, 'node' | 'kind' | 'with'>;
/** What an effect puts out, or the text of its error. */
export type End = { output: Json } | { error: string };
export type Ends = (effect: Effect) => End;
export const puts = (output: Json): End => ({ output });
export const fails = (error: string): End => ({ error });
export type Observed = {
  /** Instance and rule, in the order of the questions. */
  asked: string[];
  /** Effects that were begun, by instance. */
  did: Map<string, JsonObject>;
  run: RunContext;
  outputs: Map<string, Json>;
};

const FLOW_RULES: ReadonlySet<string> = new Set<FlowRule>(['UNTRUSTED_CHOICE', 'PRIVATE_DATA_LEAVES']);
const FREE = { cost_usd: 0, tokens: 0 };

/** A person says yes to all. `isOld`: the run began when numbers lost their label. */
export async function observed(
  plan: Plan,
  ends: Ends,
  { isOld = false, tools = {}, reuse }: { isOld?: boolean; tools?: ToolDescriptions; reuse?: Reuse } = {},
): Promise<Observed> {
  const { run, start } = interpreter(plan);
  run.approved.agent_tools = tools;
  if (reuse) run.approved.reuse = reuse;
  const labels = run.labels as { isLasting: boolean };
  labels.isLasting = !isOld;
  const asked: string[] = [];
  const did = new Map<string, JsonObject>();
  const ask = ({ node, kind, evidence }: GateContent): Promise<Decision> => {
    const { findings = [] } = (evidence ?? {}) as { findings?: { rule: string }[] };
    if (kind === 'envelope') asked.push(...findings.flatMap(({ rule }) => (FLOW_RULES.has(rule) ? [`${node} ${rule}`] : [])));
    return Promise.resolve({
      id: `x_${asked.length}`,
      verdict: 'approve',
      choice: 'continue',
      comment: 'as a person said',
      by: 'operator:1',
    } as never);
  };
  Object.assign(run.gates, { ask: (_kind: string, question: GateContent) => ask(question) });
  run.shortEffects.run = (effect): Promise<EffectResult> => {
    did.set(effect.node, effect.with);
    const end = ends(effect);
    return Promise.resolve(
      'error' in end
        ? { outcome: 'error', error: errorInfo('PROCESS_FAILED', end.error, 1), ...FREE }
        : { outcome: 'done', output: end.output, ...FREE },
    );
  };
  await start();
  return { asked, did, run, outputs: run.outputs };
}
