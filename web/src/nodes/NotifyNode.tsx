import { Megaphone } from 'lucide-react';
import { defineView } from './view.ts';

export const notifyNode = defineView<'notify'>({
  label: 'Message',
  icon: Megaphone,
  summary: ({ webhook, text, payload }) => `to ${webhook ?? '?'}: ${text ?? JSON.stringify(payload ?? null)}`,
  fields: ({ webhook, text, payload }) => ({ webhook, text, payload }),
});
