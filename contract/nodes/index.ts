/** The node kinds. A new kind is one file in each of the four `nodes/` folders and one line in each of their tables. */
import { agentKind } from './agent.ts';
import { conditionKind } from './condition.ts';
import { delegateKind } from './delegate.ts';
import { gateKind } from './gate.ts';
import { httpKind } from './http.ts';
import { joinKind } from './join.ts';
import type { KindSpec } from './kind.ts';
import { llmKind } from './llm.ts';
import { loopKind } from './loop.ts';
import { mapKind } from './map.ts';
import { mcpToolKind } from './mcp-tool.ts';
import { noopKind } from './noop.ts';
import { notifyKind } from './notify.ts';
import { patchKind } from './patch.ts';
import { processKind } from './process.ts';
import { subplanKind } from './subplan.ts';
import { transformKind } from './transform.ts';
import { valueKind } from './value.ts';
import { waitKind } from './wait.ts';

export const NODE_KINDS = {
  value: valueKind,
  transform: transformKind,
  condition: conditionKind,
  join: joinKind,
  map: mapKind,
  loop: loopKind,
  subplan: subplanKind,
  agent: agentKind,
  wait: waitKind,
  gate: gateKind,
  delegate: delegateKind,
  llm: llmKind,
  process: processKind,
  patch: patchKind,
  http: httpKind,
  notify: notifyKind,
  mcp_tool: mcpToolKind,
  noop: noopKind,
} as const;

export type NodeKind = keyof typeof NODE_KINDS;
export const KIND_NAMES = Object.keys(NODE_KINDS) as NodeKind[];

/** Kinds that act on the world, by the lane of their activity. */
export const EFFECT_KINDS = ['llm', 'process', 'patch', 'http', 'notify', 'mcp_tool', 'noop'] as const satisfies readonly NodeKind[];
export type EffectKind = (typeof EFFECT_KINDS)[number];

export function isNodeKind(value: unknown): value is NodeKind {
  return typeof value === 'string' && Object.hasOwn(NODE_KINDS, value);
}

/** Whether nodes of this kind work in the clone of the run; not for a name that is no kind. */
export function usesWorkspace(name: string): boolean {
  if (!isNodeKind(name)) return false;
  const spec: Pick<KindSpec<never>, 'usesWorkspace'> = NODE_KINDS[name];
  return spec.usesWorkspace === true;
}
