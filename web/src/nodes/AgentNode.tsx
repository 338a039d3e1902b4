import { Bot } from 'lucide-react';
import { defineView } from './view.ts';

export const agentNode = defineView<'agent'>({
  label: 'Agent',
  icon: Bot,
  summary: ({ task }) => task ?? '',
  fields: ({ task, system, tools, provider, model, max_turns, max_tool_calls, output_schema }) => ({
    task,
    ...(system === undefined ? {} : { 'told first': system }),
    tools,
    model: `${provider ?? ''}/${model ?? 'default'}`,
    'turns at most': max_turns,
    'calls at most': max_tool_calls,
    'answer must fit': output_schema,
  }),
});
