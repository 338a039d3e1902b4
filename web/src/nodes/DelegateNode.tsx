import { Users } from 'lucide-react';
import { defineView } from './view.ts';

export const delegateNode = defineView<'delegate'>({
  label: 'Delegation',
  icon: Users,
  summary: ({ agent }) => `a task for the agent ${agent ?? '?'}`,
  fields: ({ agent, task, plan }) => ({ agent, task, ...(plan === undefined ? {} : { 'nodes from': plan }) }),
});
