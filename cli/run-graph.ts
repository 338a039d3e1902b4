import type { GraphNode } from '#contract/objects.ts';
import type { ApiClient } from './api-client.ts';

/** All nodes of a run, however many answers that takes. */
export async function graphOf(client: ApiClient, id: string): Promise<GraphNode[]> {
  const nodes: GraphNode[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: Record<string, string> = cursor === '' ? {} : { cursor };
    const { data, next } = await client.call('runs_graph', { params: { id }, query });
    nodes.push(...data);
    cursor = next;
  }
  return nodes;
}
