import { CircleDot } from 'lucide-react';
import { defineView } from './view.ts';

export const noopNode = defineView<'noop'>({
  label: 'No-op',
  icon: CircleDot,
  summary: ({ value }) => (value === undefined || value === null ? 'does nothing' : JSON.stringify(value)),
  fields: ({ value }) => ({ value }),
});
