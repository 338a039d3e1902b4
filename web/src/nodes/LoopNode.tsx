import { RotateCw } from 'lucide-react';
import { defineView } from './view.ts';

export const loopNode = defineView<'loop'>({
  label: 'Loop',
  icon: RotateCw,
  summary: ({ while: condition, max, nodes }) =>
    `while ${condition ?? 'true'}, at most ${max ?? '?'} times: ${(nodes ?? []).map((node) => node.id).join(' → ')}`,
  fields: ({ while: condition, max, output }) => ({ while: condition, 'at most': max, output }),
});
