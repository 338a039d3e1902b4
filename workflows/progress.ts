import type { KeptNode, KeptScope, RoundResult, RunSegment } from '#contract/segment.ts';

/**
 * How far nodes have got that have begun and not ended, as far as their promises know it and nothing else does. Costs nothing to
 * keep; it is what a run hands on to its next segment, where each node begins anew and skips what stands here.
 */
export class Progress {
  #nodes = new Map<string, KeptNode>();
  #rounds = new Map<string, Map<number, RoundResult>>();
  /** Scopes of the segment before that have not begun here. */
  #scopes = new Map<string, KeptScope>();

  /** What the segment before handed on. */
  restore({ nodes, rounds, scopes }: RunSegment): void {
    for (const node of nodes) this.#nodes.set(node.id, node);
    for (const [container, results] of Object.entries(rounds))
      this.#rounds.set(container, new Map(Object.entries(results).map(([index, result]) => [Number(index), result])));
    for (const scope of scopes) this.#scopes.set(scope.prefix, scope);
  }

  of(id: string): KeptNode | undefined {
    return this.#nodes.get(id);
  }

  /** Takes note of some fields; `undefined` takes them back. */
  note(id: string, fields: { [Name in Exclude<keyof KeptNode, 'id'>]?: KeptNode[Name] | undefined }): void {
    const node = { ...this.#nodes.get(id), id, ...fields };
    const known = Object.entries(node).filter(([, value]) => value !== undefined);
    if (known.length > 1) this.#nodes.set(id, Object.fromEntries(known) as KeptNode);
    else this.#nodes.delete(id);
  }

  /** The node begins another attempt: rounds of the one before are not taken over. */
  again(id: string, attempt: number): void {
    this.#forgetRounds(id);
    this.note(id, { attempt: attempt > 1 ? attempt : undefined, failed: undefined, result: undefined, until_ms: undefined });
  }

  ended(id: string): void {
    this.#nodes.delete(id);
    this.#forgetRounds(id);
  }

  #forgetRounds(container: string): void {
    this.#rounds.delete(container);
    for (const prefix of this.#scopes.keys()) if (placeOf(prefix).container === container) this.#scopes.delete(prefix);
  }

  /** Whether the scope had begun in the segment before and has not ended. */
  hasScope(prefix: string): boolean {
    return this.#scopes.has(prefix);
  }

  takeScope(prefix: string): KeptScope | null {
    const scope = this.#scopes.get(prefix) ?? null;
    this.#scopes.delete(prefix);
    return scope;
  }

  roundOf(container: string, index: number): RoundResult | null {
    return this.#rounds.get(container)?.get(index) ?? null;
  }

  round(prefix: string, result: RoundResult): void {
    const { container, index } = placeOf(prefix);
    const rounds = this.#rounds.get(container) ?? new Map<number, RoundResult>();
    this.#rounds.set(container, rounds.set(index, result));
  }

  get kept(): Pick<RunSegment, 'nodes' | 'rounds' | 'scopes'> {
    return {
      nodes: [...this.#nodes.values()],
      rounds: Object.fromEntries([...this.#rounds].map(([container, results]) => [container, Object.fromEntries(results)])),
      scopes: [...this.#scopes.values()],
    };
  }
}

/** `m[3].` is round 3 of `m`; `s.` is the only one of `s`. */
export function placeOf(prefix: string): { container: string; index: number } {
  const [, container = '', index = '0'] = /^(.*?)(?:\[(\d+)\])?\.$/.exec(prefix) ?? [];
  return { container, index: Number(index) };
}
