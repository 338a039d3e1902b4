/** What the parts of a kind have to say together; what the tables hold is checked by their types. */
import { describe, expect, it } from 'vitest';
import { asPattern } from '../template.ts';
import { EFFECT_KINDS, NODE_KINDS, usesWorkspace, type EffectKind } from './index.ts';
import type { KindSpec } from './kind.ts';

/** What a node of the example of this kind would touch. */
function pathsOf(kind: EffectKind): string[] {
  const spec = NODE_KINDS[kind] as unknown as KindSpec<unknown>;
  const { read, write } = spec.effects(spec.with.parse(spec.example), asPattern);
  return [...read, ...write];
}

describe('kinds of nodes', () => {
  it('whose effects are files say `usesWorkspace`, without which the approval would name no repository', () => {
    expect(EFFECT_KINDS.filter((kind) => pathsOf(kind).length > 0 && !usesWorkspace(kind))).toEqual([]);
  });
  it('work on files only where they say so, and a name from elsewhere does not', () => {
    expect(['process', 'patch', 'noop', 'constructor', ''].map(usesWorkspace)).toEqual([true, true, false, false, false]);
  });
});
