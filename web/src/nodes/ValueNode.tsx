import { Braces } from 'lucide-react';
import { defineView } from './view.ts';

export const valueNode = defineView<'value'>({
  label: 'Value',
  icon: Braces,
  summary: ({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)),
  fields: ({ value }) => ({ value }),
});
