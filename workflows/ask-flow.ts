/** Before an effect: whether untrusted text chooses what is run, or private data leaves, and what a person says to that. */
import { canonicalJson } from '#contract/canonical.ts';
import { flowFindings, flowReason, flowTitle, valueShown } from '#contract/flow-question.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { isUntrusted } from '#contract/labels.ts';
import { flowKey, openFlows, type Flow, type LabelledEffect } from '#contract/label-rules.ts';
import type { InputLabels } from '#contract/label-reads.ts';
import type { EffectKind } from '#contract/nodes/index.ts';
import { outsideOf } from '#contract/envelope.ts';
import { flowDelta, type Delta } from '#contract/plan-delta.ts';
import { permitFaults } from '#contract/plan-envelope.ts';
import type { PlanNode } from '#contract/plan.ts';
import { isRefused } from './drafted.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { NodeCall } from './nodes/runner.ts';
import { asCounted, plannedIn, renderedIn } from './run-effects.ts';

/**
 * In: an effect as it would be done. Out: the labels of what goes into it; a promise where a person has to be asked first. Nothing where labels
 * are off. Throws: OUTSIDE_ENVELOPE when the answer is no.
 */
export function labelsOfEffect(call: NodeCall<EffectKind>, rendered: JsonObject): InputLabels | Promise<InputLabels> | undefined {
  const { run } = call.scope;
  if (!run.labels.isOn) return undefined;
  const labels = labelsOf(call, rendered);
  const effect = { node: call.scope.instanceId(call.node.id), kind: call.node.kind, with: rendered, labels };
  const flows = openFlows(effect, run.envelope);
  const isBeyond = isUntrusted(labels.all) && isOutside(call, rendered);
  if (flows.length === 0 && !isBeyond) return labels;
  // What the effect refuses whatever a person says is not asked about.
  if (isRefused(call, rendered)) return labels;
  return ask(call, effect, flows).then(() => labels);
}

function labelsOf(call: NodeCall<EffectKind>, rendered: JsonObject): InputLabels {
  const { run, view } = call.scope;
  const node = call.node as PlanNode;
  if (run.labels.isLasting) return view.usedLabels(node);
  const roughly = view.inputLabels(node);
  return mayAsk(call, roughly, rendered) ? view.inputLabels(node, view.context(node)) : roughly;
}

function mayAsk(call: NodeCall<EffectKind>, labels: InputLabels, rendered: JsonObject): boolean {
  if (!isUntrusted(labels.all)) return labels.all.confidentiality === 'secret';
  const effect = { node: '', kind: call.node.kind, with: rendered, labels };
  return openFlows(effect, {}).length > 0 || isOutside(call, rendered);
}

/**
 * What fits the pattern of its own node fits the envelope, which was made to cover that: only what does not is measured against the whole. A word
 * that has become an option fits no pattern of a node; that any options are granted does not say that such text may choose one.
 */
function isOutside({ scope, node }: NodeCall<EffectKind>, rendered: JsonObject): boolean {
  const done = asCounted(scope.run, { kind: node.kind, with: rendered });
  const { read, write, ...own } = plannedIn(scope.run)(node as PlanNode);
  const outside = outsideOf({ ...own, paths: { read, write } }, renderedIn(scope.run)(done));
  if (outside.length === 0) return false;
  const { approved, envelope } = scope.run;
  if (approved.has_whole_commands === true && outside.some(({ part }) => part === 'commands'))
    return envelope.flows?.includes(flowKey({ node: scope.instanceId(node.id), with: rendered })) !== true;
  return permitFaults(envelope, done).length > 0;
}

/** Waits: for a person. Throws: OUTSIDE_ENVELOPE when the answer is no. */
async function ask({ scope, node, attempt }: NodeCall<EffectKind>, effect: LabelledEffect, flows: Flow[]): Promise<void> {
  const { run } = scope;
  const delta: Delta = flowDelta(run.envelope, renderedIn(run)(effect), flowKey(effect));
  const question = { effect, flows, delta };
  const decision = await run.gates.ask(
    node.kind,
    {
      node: effect.node,
      attempt,
      kind: 'envelope',
      title: flowTitle(question),
      message: flowReason(question),
      risk: 'high',
      evidence: JSON.parse(
        canonicalJson({ delta, findings: flowFindings(question), value: valueShown(effect.with), labels: effect.labels }),
      ) as Json,
    },
    node.timeout_ms ?? null,
  );
  if (decision.verdict === 'reject')
    throw new NodeFailure(errorInfo('OUTSIDE_ENVELOPE', `${decision.by} did not grant it: ${flowTitle(question)}`, attempt));
  run.widen(decision.id, delta);
}
