import { GitBranchPlus } from 'lucide-react';
import { defineView } from './view.ts';

export const subplanNode = defineView<'subplan'>({
  label: 'Added nodes',
  icon: GitBranchPlus,
  summary: ({ from }) => `the nodes in ${from ?? '?'}`,
  fields: ({ from }) => ({ 'nodes from': from }),
});
