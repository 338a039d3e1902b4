/** Values that a node has when nobody says any: a reader of many nodes looks for the others. Pure. */
import { canonicalJson } from './canonical.ts';
import { NODE_KINDS, type NodeKind } from './nodes/index.ts';
import { NodeBaseShape } from './raw-node.ts';
import { z } from './zod.ts';

/** In: a node without its kind, or what it is given. Out: the same without what it would have anyway. */
export function withoutDefaults<T extends object>(fields: T, kind: NodeKind | null): Partial<T> {
  const schema = kind === null ? null : NODE_KINDS[kind].with;
  const shape: Record<string, unknown> = schema === null ? NodeBaseShape : schema instanceof z.ZodObject ? schema.shape : {};
  const isUsual = ([name, value]: [string, unknown]): boolean => {
    const field = shape[name];
    const usual = field instanceof z.ZodType ? field.safeParse(undefined) : null;
    return usual?.success === true && usual.data !== undefined && canonicalJson(value) === canonicalJson(usual.data);
  };
  return Object.fromEntries(Object.entries(fields).filter((entry) => !isUsual(entry))) as Partial<T>;
}
