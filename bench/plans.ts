/** The plans that are measured. */
const noop = (id: string, needs: string[]): object => ({ id, kind: 'noop', needs, with: { value: 1 } });

export function chainPlan(length: number): object {
  const nodes = Array.from({ length }, (_, index) => noop(`n${index}`, index === 0 ? [] : [`n${index - 1}`]));
  return { version: 1, title: `chain of ${length}`, policy: { max_runs: 1000 }, nodes };
}

export function fanOutPlan(width: number): object {
  return {
    version: 1,
    title: `fan-out of ${width}`,
    policy: { max_runs: 1000 },
    nodes: Array.from({ length: width }, (_, index) => noop(`n${index}`, [])),
  };
}

/** Two steps, a question to a person, two steps. */
export function gatePlan(): object {
  const ask = { id: 'ask', kind: 'gate', needs: ['b'], with: { title: 'Go on?' } };
  const nodes = [noop('a', []), noop('b', ['a']), ask, noop('c', ['ask']), noop('d', ['c'])];
  return { version: 1, title: 'five nodes with a question', policy: { max_runs: 10_000 }, nodes };
}

/** Layers of `width`; each node needs up to three of the layer before, the same in every run. */
export function layeredPlan(length: number, width: number): object {
  const nodes = Array.from({ length }, (_, index) => {
    const layer = Math.floor(index / width);
    const needs = layer === 0 ? [] : [0, 1, 2].map((edge) => `n${(layer - 1) * width + ((index * 31 + edge * 17) % width)}`);
    return noop(`n${index}`, [...new Set(needs)]);
  });
  return { version: 1, title: `layered DAG of ${length}`, policy: { max_runs: 1000 }, nodes };
}

export function mapPlan(items: number): object {
  const over = Array.from({ length: items }, (_, index) => index);
  const body = [{ id: 'item', kind: 'noop', with: { value: '${{ item }}' } }];
  const map = { id: 'm', kind: 'map', with: { over, max_items: items, concurrency: 200, nodes: body, output: '0' } };
  return { version: 1, title: `map of ${items}`, policy: { max_runs: 1000 }, nodes: [map] };
}

/** Values and expressions only: everything happens inside the interpreter. */
export function controlPlan(length: number): object {
  const nodes = Array.from({ length }, (_, index) =>
    index === 0
      ? { id: 'n0', kind: 'value', with: { value: 0 } }
      : { id: `n${index}`, kind: 'transform', needs: [`n${index - 1}`], with: { expr: `nodes.n${index - 1}.output + 1` } },
  );
  return {
    version: 1,
    title: `${length} control nodes`,
    policy: { max_runs: 1000 },
    nodes,
    outputs: { last: `nodes.n${length - 1}.output` },
  };
}

/** A step, a pause, a step, and so on: what runs look like that wait for processes and models most of their time. */
export function steadyPlan(steps: number, pauseMs: number): object {
  const nodes = Array.from({ length: steps }, (_, index) => [
    { id: `wait${index}`, kind: 'wait', needs: index === 0 ? [] : [`n${index - 1}`], with: { ms: pauseMs } },
    noop(`n${index}`, [`wait${index}`]),
  ]).flat();
  return { version: 1, title: `${steps} steps, one each ${pauseMs} ms`, policy: { max_runs: 1000 }, nodes };
}
