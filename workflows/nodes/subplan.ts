import { GimoError } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { CLEAN, isUntrusted, type Label } from '#contract/labels.ts';
import { namedIn } from '#contract/label-rules.ts';
import { checkAdded, type AddedNodes } from '#contract/plan-added.ts';
import { deltaOf, type Delta } from '#contract/plan-delta.ts';
import { parseExpression } from '#contract/expression.ts';
import { askForEnvelope } from '../ask-envelope.ts';
import { NodeFailure } from '../failure.ts';
import { plannedIn } from '../run-effects.ts';
import { runRound } from './body.ts';
import type { NodeCall, NodeRunner } from './runner.ts';

/** Checks what was written, asks for what lies outside of the envelope, and runs it in a scope of its own. */
export const runSubplan: NodeRunner<'subplan'> = async (call) => {
  const { scope, node, attempt } = call;
  const added = checkedNodes(call);
  const prefix = `${scope.instanceId(node.id)}.`;
  const text = scope.run.labels.isOn ? scope.view.inputLabel(node) : CLEAN;
  // After a change of segments it may stand there already.
  if (!scope.run.progress.hasScope(prefix)) {
    const room = scope.run.counts.roomFor(prefix, scope.run.envelope.max_nodes);
    const granted = isUntrusted(text) ? namedIn(scope.run.envelope, scope.run.approved.has_whole_commands === true) : scope.run.envelope;
    const delta = deltaOf(granted, added.nodes, { depth: scope.depth + 1, room }, plannedIn(scope.run));
    if (delta !== null) await askForMore(call, added, delta, text);
    note(call, added, prefix);
    scope.run.counts.addPlanned(prefix, added.nodes);
  }
  const result = await runRound(scope.child(added.nodes, prefix, {}, { labels: { text } }), added, attempt);
  if (!result.ok) throw new NodeFailure(result.error);
  return result.output;
};

/** Throws: PLAN_INVALID with every fault; nothing has been added then. */
function checkedNodes({ scope, node }: NodeCall<'subplan'>): AddedNodes {
  const value = parseExpression(node.with.from).evaluate(scope.context(node));
  const { added, faults } = checkAdded(value, {
    plan: scope.run.approved.plan,
    visible: scope.view.visibleFrom(node.id),
    variables: scope.view.variableNames(),
    depth: scope.depth + 1,
    envelope: scope.run.envelope,
    effectsOf: plannedIn(scope.run),
    hasUnreadDiffs: scope.run.approved.has_read_diffs !== true,
  });
  if (added !== null) return added;
  const sentences = faults.slice(0, 10).map((fault) => `${fault.code} at ${fault.path}: ${fault.message}`);
  throw new GimoError('PLAN_INVALID', { message: `The nodes from \`${node.with.from}\` are not valid: ${sentences.join('; ')}.` });
}

/** Waits: for a person. Throws: OUTSIDE_ENVELOPE when the answer is no. */
function askForMore({ scope, node, attempt }: NodeCall<'subplan'>, added: AddedNodes, delta: Delta, text: Label): Promise<void> {
  const id = scope.instanceId(node.id);
  return askForEnvelope(scope.run, { id, kind: node.kind, attempt }, delta, {
    title: `May ${id} add ${counted(added)} that need more than was approved?`,
    reason: added.reason,
    nodes: added.nodes,
    from: node.with.from,
    timeoutMs: node.timeout_ms ?? null,
    text,
  });
}

function counted({ nodes }: AddedNodes): string {
  return nodes.length === 1 ? 'a node' : `${nodes.length} nodes`;
}

/** Says who added what and why; graph, log and dashboard show the nodes from here on. */
function note({ scope, node, attempt }: NodeCall<'subplan'>, added: AddedNodes, prefix: string): void {
  const { journal } = scope.run;
  const id = scope.instanceId(node.id);
  const why = added.reason === '' ? '' : `: ${added.reason}`;
  const text = `added ${counted(added)} (${added.nodes.map((item) => item.id).join(', ')}) from \`${node.with.from}\`${why}`;
  journal.node(id, 'info', text, { kind: 'subplan', status: 'running', attempt, gate_id: null, added: added.nodes as unknown as Json });
  for (const item of added.nodes)
    journal.node(`${prefix}${item.id}`, 'info', `added by ${id}`, {
      kind: item.kind,
      status: 'pending',
      needs: item.needs.map((need) => `${prefix}${need}`),
    });
}
