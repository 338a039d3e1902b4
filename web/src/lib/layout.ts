/** A layered layout: each node one column right of the last of its needs, rows ordered to shorten the edges. */
export type LayoutNode = { id: string; needs: readonly string[] };
export type Place = { layer: number; row: number };

const SWEEPS = 4;
// A long edge gets a free place in each column that it passes, so that it is not drawn through a node. Beyond this many it would only cost time.
const PASSES_MAX = 1000;

/** In: nodes in any order, needs may name absent ones. Out: a place for each; no two share one. Never loops on a cycle. */
export function layoutGraph(nodes: readonly LayoutNode[]): Map<string, Place> {
  const layerOf = layers(nodes);
  const { needs, columns } = withPasses(nodes, layerOf);
  const feeds = new Map<string, string[]>();
  for (const [id, above] of needs) {
    for (const need of above) {
      const list = feeds.get(need);
      if (list) list.push(id);
      else feeds.set(need, [id]);
    }
  }
  const row = new Map<string, number>();
  for (const column of columns) centre(column, row);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const column of isForward ? columns : columns.toReversed()) {
      const weight = new Map(column.map((id) => [id, meanRow(id, isForward ? needs : feeds, row)]));
      column.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
      centre(column, row);
    }
  }
  return new Map(nodes.map(({ id }) => [id, { layer: layerOf.get(id) ?? 0, row: row.get(id) ?? 0 }]));
}

type Layered = { needs: Map<string, string[]>; columns: string[][] };

/** The nodes by column, long edges cut into steps of one column. */
function withPasses(nodes: readonly LayoutNode[], layerOf: ReadonlyMap<string, number>): Layered {
  const needs = new Map<string, string[]>();
  const columns: string[][] = Array.from({ length: 1 + Math.max(-1, ...layerOf.values()) }, () => []);
  for (const { id } of nodes) columns[layerOf.get(id) ?? 0]?.push(id);
  let passes = 0;
  for (const node of nodes) {
    const at = layerOf.get(node.id) ?? 0;
    const above: string[] = [];
    for (const need of new Set(node.needs)) {
      const from = layerOf.get(need);
      if (from === undefined) continue;
      let last = need;
      for (let layer = from + 1; layer < at && passes < PASSES_MAX; layer++, passes++) {
        const pass = `${need}>${node.id}@${layer}`;
        needs.set(pass, [last]);
        columns[layer]?.push(pass);
        last = pass;
      }
      above.push(last);
    }
    needs.set(node.id, above);
  }
  return { needs, columns };
}

/** Longest path from a node without needs. Kahn's order; what stands on a cycle stays at layer 0. */
function layers(nodes: readonly LayoutNode[]): Map<string, number> {
  const layer = new Map(nodes.map((node) => [node.id, 0]));
  const open = new Map<string, number>();
  const feeds = new Map<string, string[]>();
  for (const node of nodes) {
    const needs = [...new Set(node.needs)].filter((need) => layer.has(need));
    open.set(node.id, needs.length);
    for (const need of needs) {
      const list = feeds.get(need);
      if (list) list.push(node.id);
      else feeds.set(need, [node.id]);
    }
  }
  const queue = nodes.filter((node) => open.get(node.id) === 0).map((node) => node.id);
  for (let at = 0; at < queue.length; at++) {
    const id = queue[at] ?? '';
    for (const next of feeds.get(id) ?? []) {
      layer.set(next, Math.max(layer.get(next) ?? 0, (layer.get(id) ?? 0) + 1));
      const left = (open.get(next) ?? 1) - 1;
      open.set(next, left);
      if (left === 0) queue.push(next);
    }
  }
  return layer;
}

function centre(column: readonly string[], row: Map<string, number>): void {
  column.forEach((id, index) => row.set(id, index - (column.length - 1) / 2));
}

function meanRow(id: string, neighbours: Map<string, readonly string[]>, row: Map<string, number>): number {
  const rows = (neighbours.get(id) ?? []).map((other) => row.get(other) ?? 0);
  return rows.length === 0 ? (row.get(id) ?? 0) : rows.reduce((sum, value) => sum + value, 0) / rows.length;
}
