import { Timer } from 'lucide-react';
import { duration } from '../lib/format.ts';
import { defineView } from './view.ts';

export const waitNode = defineView<'wait'>({
  label: 'Wait',
  icon: Timer,
  summary: ({ ms }) => (typeof ms === 'number' ? duration(ms) : ''),
  fields: ({ ms }) => ({ milliseconds: ms }),
});
