import { Hand } from 'lucide-react';
import { defineView } from './view.ts';

export const gateNode = defineView<'gate'>({
  label: 'Gate',
  icon: Hand,
  summary: ({ title }) => title ?? '',
  fields: ({ title, message, risk }) => ({ question: title, message, risk }),
});
