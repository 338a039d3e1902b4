/** The fixed tools that ask in mid-call, for clients of the era before 2026-07-28: the answer decides what they say. */
import { inputRequired, inputResponse, type InputRequest, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { z } from '#contract/zod.ts';

type Schema = Extract<Parameters<typeof inputRequired.elicit>[0]['requestedSchema'], { type: 'object' }>;
type Properties = Schema['properties'];

const titled = (word: string): { const: string; title: string }[] =>
  ['First', 'Second', 'Third'].map((title, at) => ({ const: `value${at + 1}`, title: `${title} ${word}` }));

const DEFAULTS: Properties = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};
const OPTIONS = ['option1', 'option2', 'option3'];
const ENUMS: Properties = {
  untitledSingle: { type: 'string', enum: OPTIONS },
  titledSingle: { type: 'string', oneOf: titled('Option') },
  legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
  untitledMulti: { type: 'array', items: { type: 'string', enum: OPTIONS } },
  titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
};

/** Asks once; then says what was answered. */
function ask({ mcpReq }: ServerContext, request: InputRequest) {
  const view = inputResponse(mcpReq.inputResponses, 'answer');
  if (view.kind === 'missing') return inputRequired({ inputRequests: { answer: request } });
  return { content: [{ type: 'text' as const, text: `Answered: ${JSON.stringify(view)}` }] };
}

function form(message: string, properties: Properties, required: string[] = []): InputRequest {
  return inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } });
}

export function addAskingTools(server: McpServer): void {
  const prompt = z.object({ prompt: z.string() });
  server.registerTool('test_sampling', { description: 'Asks the model of the client', inputSchema: prompt }, ({ prompt: text }, ctx) =>
    ask(ctx, inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 100 })),
  );
  const words = z.object({ message: z.string() });
  const person: Properties = { username: { type: 'string' }, email: { type: 'string' } };
  server.registerTool('test_elicitation', { description: 'Asks the person', inputSchema: words }, ({ message }, ctx) =>
    ask(ctx, form(message, person, ['username', 'email'])),
  );
  server.registerTool('test_elicitation_sep1034_defaults', { description: 'Asks with defaults' }, (ctx) =>
    ask(ctx, form('Please review', DEFAULTS)),
  );
  server.registerTool('test_elicitation_sep1330_enums', { description: 'Asks for choices' }, (ctx) =>
    ask(ctx, form('Please choose', ENUMS)),
  );
  server.registerTool('test_tool_with_logging', { description: 'Writes three lines' }, async (ctx) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) await ctx.mcpReq.log('info', data);
    return { content: [{ type: 'text', text: 'Done.' }] };
  });
}
