import { canonicalJson } from '#contract/canonical.ts';
import { addedRisk } from '#contract/findings/added.ts';
import { chosenFinding } from '#contract/flow-question.ts';
import type { Json } from '#contract/json.ts';
import type { Label } from '#contract/labels.ts';
import { deltaLines, type Delta } from '#contract/plan-delta.ts';
import type { PlanNode } from '#contract/plan.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { RunContext } from './run-context.ts';
import type { Spender } from './spending.ts';

/** `text`: where the nodes were written. */
type Asked = { title: string; reason: string; nodes: PlanNode[]; from: string; timeoutMs: number | null; text?: Label };

/** Asks for what lies outside of the envelope, and widens it by just that. Waits: for a person. Throws: OUTSIDE_ENVELOPE when the answer is no. */
export async function askForEnvelope(run: RunContext, asker: Spender, delta: Delta, asked: Asked): Promise<void> {
  const lines = deltaLines(delta);
  // What was found is part of the hash of the gate: runs that asked with fewer rules go on with theirs.
  const added = addedRisk(asked.nodes, delta, run.approved.has_whole_commands === true);
  const chosen = asked.text && run.labels.isLasting ? chosenFinding(asked.text, delta) : null;
  const { risk, findings } = chosen === null ? added : { risk: chosen.severity, findings: [chosen, ...added.findings] };
  const decision = await run.gates.ask(
    asker.kind,
    {
      node: asker.id,
      attempt: asker.attempt,
      kind: 'envelope',
      title: asked.title,
      message: [`Beyond the envelope: ${lines.join('; ')}.`, asked.reason].filter((text) => text !== '').join('\n\n'),
      risk,
      // Plain JSON, in the form that is hashed: what is decided is what effects read back.
      evidence: JSON.parse(canonicalJson({ delta, findings, nodes: asked.nodes, from: asked.from, reason: asked.reason })) as Json,
    },
    asked.timeoutMs,
  );
  if (decision.verdict === 'reject')
    throw new NodeFailure(errorInfo('OUTSIDE_ENVELOPE', `${decision.by} did not grant it: ${lines.join('; ')}.`, asker.attempt));
  run.widen(decision.id, delta);
}
