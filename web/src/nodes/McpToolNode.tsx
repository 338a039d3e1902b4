import { Wrench } from 'lucide-react';
import { defineView } from './view.ts';

export const mcpToolNode = defineView<'mcp_tool'>({
  label: 'Tool',
  icon: Wrench,
  summary: ({ server, tool }) => `${server ?? ''}/${tool ?? ''}`,
  fields: ({ server, tool, arguments: given, max_bytes, idempotent }) => ({
    server,
    tool,
    arguments: given,
    'answer at most (bytes)': max_bytes,
    'safe to call again': idempotent,
  }),
});
