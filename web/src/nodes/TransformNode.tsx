import { Sigma } from 'lucide-react';
import { defineView } from './view.ts';

export const transformNode = defineView<'transform'>({
  label: 'Transform',
  icon: Sigma,
  summary: ({ expr }) => expr ?? '',
  fields: ({ expr }) => ({ expression: expr }),
});
