/** Effects as they were counted before envelopes held what is around a command, and which requests change something. Pure. */
import type { NodeKind } from './nodes/index.ts';

/** The node without its folder, variables, input and method. */
export function bareNode<N extends { kind: NodeKind; with: object }>(node: N): N {
  if (node.kind === 'http') return { ...node, with: { ...node.with, method: 'GET' } };
  if (node.kind !== 'process') return node;
  const bare = Object.entries(node.with).filter(([name]) => name !== 'cwd' && name !== 'env' && name !== 'stdin');
  return { ...node, with: Object.fromEntries(bare) };
}
