/** Effects as they were counted before envelopes held what is around a command and which requests change something, and before diffs were read. Pure. */
import type { NodeKind } from './nodes/index.ts';

/** The node without its folder, variables, input and method. */
export function bareNode<N extends { kind: NodeKind; with: object }>(node: N): N {
  if (node.kind === 'http') return { ...node, with: { ...node.with, method: 'GET' } };
  if (node.kind !== 'process') return node;
  const bare = Object.entries(node.with).filter(([name]) => name !== 'cwd' && name !== 'env' && name !== 'stdin');
  return { ...node, with: Object.fromEntries(bare) };
}

const SIDE = /^(?:--- |\+\+\+ |rename from |rename to |copy from |copy to )(.+)$/;
const GIT_HEADER = /^diff --git a\/(.+) b\/(.+)$/;

/** The patch with the files that lines of its diff seem to name in the place of it. */
export function namedNode<N extends { kind: NodeKind; with: object }>(node: N): N {
  if (node.kind !== 'patch' || !('diff' in node.with) || typeof node.with.diff !== 'string') return node;
  const { diff, ...rest } = node.with;
  return { ...node, with: { ...rest, files: namesIn(diff).map((path) => ({ path, content: '' })) } };
}

function namesIn(diff: string): string[] {
  const found = new Set<string>();
  for (const line of diff.split('\n')) {
    const git = GIT_HEADER.exec(line);
    if (git) for (const path of [git[1], git[2]]) if (path !== undefined) found.add(unquoted(path));
    const name = SIDE.exec(line)?.[1];
    if (name !== undefined && name !== '/dev/null') found.add(unquoted(name).replace(/^[ab]\//, ''));
  }
  return found.size === 0 ? ['${{ diff }}'] : [...found];
}

function unquoted(path: string): string {
  const cut = path.split('\t')[0] ?? path;
  return cut.startsWith('"') && cut.endsWith('"') ? cut.slice(1, -1) : cut;
}
