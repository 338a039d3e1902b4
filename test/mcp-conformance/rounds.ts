/** The fixed tools and the prompt that ask back: one round, several questions at once, several rounds, and a state that must not be changed. */
import { randomBytes } from 'node:crypto';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type CallToolResult,
  type InputRequest,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { isJsonObject } from '#contract/json.ts';

type State = { step: number };
type Result = CallToolResult | InputRequiredResult;
type Round = (ctx: ServerContext) => Result | Promise<Result>;

const codec = createRequestStateCodec<State>({ key: randomBytes(32) });
/** Refuses a state that is not ours before any tool sees it. */
export const verifyState = (state: string, ctx: ServerContext): ReturnType<typeof codec.verify> => codec.verify(state, ctx);

const says = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });

export function form(message: string, field: string, type: 'string' | 'boolean'): InputRequest {
  const value = type === 'string' ? ({ type: 'string' } as const) : ({ type: 'boolean' } as const);
  return inputRequired.elicit({ message, requestedSchema: { type: 'object', properties: { [field]: value }, required: [field] } });
}

function completion(text: string, maxTokens: number): InputRequest {
  return inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens });
}

const askName = (): InputRequest => form('What is your name?', 'name', 'string');

async function withState(step: number, inputRequests: Record<string, InputRequest>, ctx: ServerContext): Promise<InputRequiredResult> {
  return inputRequired({ inputRequests, requestState: await codec.mint({ step }, ctx) });
}

function accepted(ctx: ServerContext, key: string): Record<string, unknown> | undefined {
  return acceptedContent(ctx.mcpReq.inputResponses, key);
}

/** A question until it is answered, then the answer. */
function once(key: string, request: () => InputRequest): Round {
  return (ctx) => {
    const view = inputResponse(ctx.mcpReq.inputResponses, key);
    return view.kind === 'missing' ? inputRequired({ inputRequests: { [key]: request() } }) : says(`Answered: ${JSON.stringify(view)}`);
  };
}

const ROUNDS: Record<string, Round> = {
  elicitation: (ctx) => {
    const answer = accepted(ctx, 'user_name');
    return typeof answer?.['name'] === 'string'
      ? says(`Hello, ${answer['name']}!`)
      : inputRequired({ inputRequests: { user_name: askName() } });
  },
  sampling: once('capital_question', () => completion('What is the capital of France?', 100)),
  list_roots: once('client_roots', () => inputRequired.listRoots()),
  request_state: (ctx) => confirmed(ctx, 'state-ok'),
  tampered_state: (ctx) => confirmed(ctx, 'The state is ours.'),
  multiple_inputs: (ctx) => {
    const keys = Object.keys(ctx.mcpReq.inputResponses ?? {});
    const requests = {
      user_name: askName(),
      greeting: completion('Generate a greeting', 50),
      client_roots: inputRequired.listRoots(),
    };
    return Object.keys(requests).every((key) => keys.includes(key)) ? says('All are answered.') : withState(1, requests, ctx);
  },
  multi_round: (ctx) => {
    if (accepted(ctx, 'step2') !== undefined) return says('Both are answered.');
    if (accepted(ctx, 'step1') !== undefined)
      return withState(2, { step2: form('Step 2: What is your favorite color?', 'color', 'string') }, ctx);
    return withState(1, { step1: form('Step 1: What is your name?', 'name', 'string') }, ctx);
  },
  capabilities: ({ mcpReq }) => {
    const envelope: Record<string, unknown> = mcpReq.envelope ?? {};
    const said = envelope[CLIENT_CAPABILITIES_META_KEY];
    const can = (name: string): boolean => isJsonObject(said) && name in said;
    const requests = {
      ...(can('elicitation') ? { user_name: askName() } : {}),
      ...(can('sampling') ? { greeting: completion('Generate a greeting', 50) } : {}),
    };
    return Object.keys(requests).length === 0 ? says('There is nobody to ask.') : inputRequired({ inputRequests: requests });
  },
};

function confirmed(ctx: ServerContext, done: string): Result | Promise<Result> {
  const isConfirmed = accepted(ctx, 'confirm')?.['ok'] === true;
  return isConfirmed && ctx.mcpReq.requestState() !== undefined
    ? says(done)
    : withState(1, { confirm: form('Please confirm', 'ok', 'boolean') }, ctx);
}

export function addRounds(server: McpServer): void {
  for (const [name, round] of Object.entries(ROUNDS))
    server.registerTool(`test_input_required_result_${name}`, { description: `Asks back: ${name}` }, round);
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks for its context' }, (ctx) => {
    const context = accepted(ctx, 'user_context')?.['context'];
    if (typeof context !== 'string')
      return inputRequired({ inputRequests: { user_context: form('What context should the prompt use?', 'context', 'string') } });
    return { messages: [{ role: 'user', content: { type: 'text', text: `In the context of ${context}` } }] };
  });
}
