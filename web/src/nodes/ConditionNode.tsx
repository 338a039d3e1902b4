import { Split } from 'lucide-react';
import { defineView } from './view.ts';

export const conditionNode = defineView<'condition'>({
  label: 'Condition',
  icon: Split,
  summary: (value) => `if ${value.if ?? ''}`,
  fields: (value) => ({ if: value.if }),
});
