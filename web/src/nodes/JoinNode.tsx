import { Merge } from 'lucide-react';
import { defineView } from './view.ts';

export const joinNode = defineView<'join'>({
  label: 'Join',
  icon: Merge,
  summary: ({ mode, count }) => (mode === 'count' ? `waits for ${count ?? 0} of its needs` : `waits for ${mode ?? 'all'} of its needs`),
  fields: ({ mode, count }) => ({ mode, count }),
});
