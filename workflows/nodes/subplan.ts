import { canonicalJson } from '#contract/canonical.ts';
import { GimoError } from '#contract/errors.ts';
import { addedRisk } from '#contract/findings-added.ts';
import type { Json } from '#contract/json.ts';
import { checkAdded, type AddedNodes } from '#contract/plan-added.ts';
import { deltaLines, deltaOf, type Delta } from '#contract/plan-delta.ts';
import { parseExpression } from '#contract/expression.ts';
import { errorInfo, NodeFailure } from '../failure.ts';
import { runRound } from './body.ts';
import type { NodeCall, NodeRunner } from './runner.ts';

/** Checks what was written, asks for what lies outside of the envelope, and runs it in a scope of its own. */
export const runSubplan: NodeRunner<'subplan'> = async (call) => {
  const { scope, node, attempt } = call;
  const added = checkedNodes(call);
  const prefix = `${scope.instanceId(node.id)}.`;
  // After a change of segments it may stand there already.
  if (!scope.run.progress.hasScope(prefix)) {
    const room = scope.run.counts.roomFor(prefix, scope.run.envelope.max_nodes);
    const delta = deltaOf(scope.run.envelope, added.nodes, { depth: scope.depth + 1, room });
    if (delta !== null) await askForMore(call, added, delta);
    note(call, added, prefix);
    scope.run.counts.addPlanned(prefix, added.nodes);
  }
  const result = await runRound(scope.child(added.nodes, prefix, {}), added, attempt);
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
  });
  if (added !== null) return added;
  const sentences = faults.slice(0, 10).map((fault) => `${fault.code} at ${fault.path}: ${fault.message}`);
  throw new GimoError('PLAN_INVALID', { message: `The nodes from \`${node.with.from}\` are not valid: ${sentences.join('; ')}.` });
}

/** Waits: for a person. Throws: OUTSIDE_ENVELOPE when the answer is no. */
async function askForMore(call: NodeCall<'subplan'>, added: AddedNodes, delta: Delta): Promise<void> {
  const { scope, node, attempt } = call;
  const lines = deltaLines(delta);
  const { risk, findings } = addedRisk(added.nodes, delta);
  const decision = await scope.run.gates.ask(
    node.kind,
    {
      node: scope.instanceId(node.id),
      attempt,
      kind: 'envelope',
      title: `May ${scope.instanceId(node.id)} add ${counted(added)} that need more than was approved?`,
      message: [`Beyond the envelope: ${lines.join('; ')}.`, added.reason].filter((text) => text !== '').join('\n\n'),
      risk,
      // Plain JSON, in the form that is hashed: what is decided is what effects read back.
      evidence: JSON.parse(canonicalJson({ delta, findings, nodes: added.nodes, from: node.with.from, reason: added.reason })) as Json,
    },
    node.timeout_ms ?? null,
  );
  if (decision.verdict === 'reject')
    throw new NodeFailure(errorInfo('OUTSIDE_ENVELOPE', `${decision.by} did not grant it: ${lines.join('; ')}.`, attempt));
  scope.run.widen(decision.id, delta);
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
