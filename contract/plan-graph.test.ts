import fc from 'fast-check';
import { expect, it } from 'vitest';
import { topologicalOrder } from './plan-graph.ts';

it('the order of a random graph respects every edge', () => {
  const dag = fc.integer({ min: 1, max: 40 }).chain((size) =>
    fc.array(fc.tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 })), { maxLength: 120 }).map((pairs) =>
      Array.from({ length: size }, (_, index) => ({
        id: `n${index}`,
        needs: [...new Set(pairs.filter(([from, to]) => to === index && from < to).map(([from]) => `n${from}`))],
      })),
    ),
  );
  fc.assert(
    fc.property(dag, fc.infiniteStream(fc.nat()), (nodes, noise) => {
      const mixed = nodes
        .map((node) => ({ node, rank: noise.next().value ?? 0 }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ node }) => node);
      const order = topologicalOrder(mixed);
      expect(new Set(order).size).toBe(nodes.length);
      for (const node of nodes) for (const need of node.needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(node.id));
    }),
  );
});
