import { Repeat } from 'lucide-react';
import { plural } from '#contract/plural.ts';
import { defineView } from './view.ts';

export const mapNode = defineView<'map'>({
  label: 'Map',
  icon: Repeat,
  summary: ({ over, as, nodes }) =>
    `for each ${as ?? 'item'} of ${typeof over === 'string' ? over : plural(over?.length ?? 0, 'item')}: ${(nodes ?? []).map((node) => node.id).join(' → ')}`,
  fields: ({ over, as, concurrency, max_items, on_item_error, output }) => ({
    over,
    as,
    'at a time': concurrency,
    'at most': max_items,
    'when an item fails': on_item_error,
    output,
  }),
});
