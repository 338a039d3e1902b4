import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutGraph } from './layout.ts';

/** Random acyclic graphs: a node may only need earlier ones. */
const dag = fc
  .array(fc.array(fc.nat({ max: 60 }), { maxLength: 4 }), { minLength: 1, maxLength: 60 })
  .map((rows) => rows.map((needs, index) => ({ id: `n${index}`, needs: index === 0 ? [] : needs.map((need) => `n${need % index}`) })));

describe('the layout of a graph', () => {
  test('every node stands right of all that it needs, and no two share a place', () => {
    fc.assert(
      fc.property(dag, (nodes) => {
        const places = layoutGraph(nodes);
        expect(places.size).toBe(nodes.length);
        for (const node of nodes) {
          for (const need of node.needs) expect(places.get(node.id)?.layer).toBeGreaterThan(places.get(need)?.layer ?? Infinity);
        }
        expect(new Set([...places.values()].map((place) => `${place.layer} ${place.row}`)).size).toBe(nodes.length);
      }),
    );
  });

  test('a chain is drawn in one row', () => {
    const places = layoutGraph([
      { id: 'a', needs: [] },
      { id: 'b', needs: ['a'] },
      { id: 'c', needs: ['b'] },
    ]);
    expect([...places.values()]).toEqual([
      { layer: 0, row: 0 },
      { layer: 1, row: 0 },
      { layer: 2, row: 0 },
    ]);
  });

  test('an edge that passes a column keeps a row of it free', () => {
    const places = layoutGraph([
      { id: 'a', needs: [] },
      { id: 'b', needs: ['a'] },
      { id: 'c', needs: ['a', 'b'] },
    ]);
    expect(places.get('b')?.row).not.toBe(places.get('a')?.row);
  });

  test('a cycle and needs that are not there end all the same', () => {
    const places = layoutGraph([
      { id: 'a', needs: ['b', 'gone'] },
      { id: 'b', needs: ['a'] },
    ]);
    expect(places.size).toBe(2);
  });

  test('ten thousand nodes are laid out at once', () => {
    const nodes = Array.from({ length: 10_000 }, (_item, index) => ({
      id: `n${index}`,
      needs: index < 100 ? [] : [`n${index - 100}`, `n${index % 100}`],
    }));
    expect(layoutGraph(nodes).size).toBe(10_000);
  });
});
