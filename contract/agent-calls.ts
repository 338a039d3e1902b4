/** The tools of an agent as its model sees them, and each call as the node that it becomes. Pure. */
import { FILE_COMMANDS, ToolPath, type AgentTools } from './agent-tools.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { AskedCall, LlmTool } from './llm-talk.ts';
import { NODE_KINDS, type NodeKind } from './nodes/index.ts';
import type { KindSpec } from './nodes/kind.ts';
import type { ErrorInfo } from './run-state.ts';
import { asText } from './template.ts';
import { z } from './zod.ts';

/** What a server said of its tools when the plan was approved, by `server/tool`. */
export type ToolDescriptions = Record<string, { description: string; input_schema: JsonObject }>;

type Made = { kind: NodeKind; with: JsonObject };
/** `made`: in: the arguments. Throws: ZodError. */
type Offered = { tool: LlmTool; make: (given: JsonObject) => Made };
export type Offer = ReadonlyMap<string, Offered>;
/** A call that is done as a node, or why it is not done. */
export type JudgedCall = { name: string } & ({ made: Made } | { refused: string });

const MAX_DESCRIPTION_CHARS = 4000;
const Path = z.preprocess((path) => (path === '' || path === '/' || path === undefined ? '.' : path), ToolPath);
const text = (description: string): JsonObject => ({ type: 'string', description });
const object = (properties: JsonObject, required: string[]): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

function offered<Given>(
  name: string,
  description: string,
  input_schema: JsonObject,
  given: z.ZodType<Given>,
  make: (given: Given) => Made,
): [string, Offered] {
  return [name, { tool: { name, description, input_schema }, make: (value) => make(given.parse(value)) }];
}

const process = (argv: readonly string[], more: JsonObject = {}): Made => ({
  kind: 'process',
  with: { argv: [...argv], idempotent: true, ...more },
});

function fileTools(): [string, Offered][] {
  const { list, read, search } = FILE_COMMANDS;
  const folder = text('relative to the workspace; "." is all of it');
  return [
    offered(
      'list_files',
      'Lists the files below a folder of the workspace.',
      object({ path: folder }, []),
      z.strictObject({ path: Path }),
      ({ path }) => process([...list.slice(0, -1), `./${path}`]),
    ),
    offered(
      'read_file',
      'Reads a text file of the workspace from a line on; a long one is cut, so read on from a later line.',
      object({ path: text('relative to the workspace'), from_line: { type: 'integer', minimum: 1 } }, ['path']),
      z.strictObject({ path: ToolPath, from_line: z.int().min(1).max(100_000_000).default(1) }),
      ({ path, from_line: line }) => process([...read.slice(0, 2), `+${line}`, `./${path}`]),
    ),
    offered(
      'search_files',
      'Finds the lines of files of the workspace that hold a text, as file:line:text.',
      object({ text: text('what to look for; no pattern'), path: folder }, ['text']),
      z.strictObject({ text: z.string().min(1).max(500), path: Path }),
      ({ text: wanted, path }) => process([...search.slice(0, -3), `-e${wanted}`, '--', `./${path}`], { allow_exit: [0, 1] }),
    ),
  ];
}

function commandTool({ commands, write, idempotent }: AgentTools): [string, Offered] {
  const known = commands.map((argv) => argv.join(' ')).join('; ');
  const paths = { type: 'array', items: { type: 'string' }, description: 'paths below which it may write; else it only reads' };
  return offered(
    'run_command',
    `Runs one command in the workspace, without a shell and without a network. Granted (* is any word, ** any further words, <<< what \`stdin\` may be): ${known}. A person is asked about any other, and about a \`stdin\` where no <<< stands.`,
    object(
      {
        argv: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'the program and its arguments' },
        stdin: text('what it reads from its input'),
        ...(write.length === 0 ? {} : { write: paths }),
      },
      ['argv'],
    ),
    z.strictObject({
      argv: z.array(z.string()).min(1).max(256),
      stdin: z.string().optional(),
      write: z.array(ToolPath).max(100).default([]),
    }),
    ({ argv, stdin, write: wanted }) =>
      process(argv, { idempotent, write: wanted, allow_exit: ANY_EXIT, ...(stdin === undefined ? {} : { stdin }) }),
  );
}

/** How a command ended is for the model to judge; a kind takes 32 codes. */
const ANY_EXIT = Array.from({ length: 32 }, (_none, code) => code);

function patchTool({ validate, write }: AgentTools): [string, Offered] {
  const file = object({ path: text('relative to the workspace'), content: { type: ['string', 'null'], description: 'null deletes it' } }, [
    'path',
    'content',
  ]);
  return offered(
    'change_files',
    `Writes whole files and commits them; it is rolled back when a check fails. Granted: ${write.join(', ')}. A person is asked about any other.`,
    object({ files: { type: 'array', items: file, minItems: 1 }, message: text('of the commit') }, ['files']),
    z.strictObject({
      files: z
        .array(z.strictObject({ path: ToolPath, content: z.string().nullable() }))
        .min(1)
        .max(100),
      message: z.string().max(5000).optional(),
    }),
    ({ files, message }) => ({
      kind: 'patch',
      with: { files, ...(validate.length === 0 ? {} : { validate }), ...(message === undefined ? {} : { message }) },
    }),
  );
}

function delegateTool(agents: string[]): [string, Offered] {
  return offered(
    'delegate',
    'Hands a task to another agent and waits for its answer.',
    object({ agent: { type: 'string', enum: agents }, task: text('all that it has to know') }, ['agent', 'task']),
    z.strictObject({ agent: z.enum(agents as [string, ...string[]]), task: z.string().min(1).max(100_000) }),
    (given) => ({ kind: 'delegate', with: given }),
  );
}

function askTool(): [string, Offered] {
  return offered(
    'ask_person',
    'Asks a person. A yes may come with a comment; a no is final.',
    object({ question: text('one question') }, ['question']),
    z.strictObject({ question: z.string().min(1).max(10_000) }),
    ({ question }) => ({ kind: 'gate', with: { title: 'An agent asks', message: question, risk: 'medium' } }),
  );
}

function mcpTools(ids: string[], descriptions: ToolDescriptions): [string, Offered][] {
  const names = new Set<string>();
  return ids.flatMap((id) => {
    const known = Object.hasOwn(descriptions, id) ? descriptions[id] : undefined;
    if (known === undefined) return [];
    const base = `mcp_${id.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`.slice(0, 60);
    let name = base;
    for (let at = 2; names.has(name); at++) name = `${base}_${at}`;
    names.add(name);
    const [server = '', ...rest] = id.split('/');
    const tool = { name, description: known.description.slice(0, MAX_DESCRIPTION_CHARS), input_schema: known.input_schema };
    const make = (given: JsonObject): Made => ({ kind: 'mcp_tool', with: { server, tool: rest.join('/'), arguments: given } });
    return [[name, { tool, make }] as [string, Offered]];
  });
}

export function offerOf(tools: AgentTools, descriptions: ToolDescriptions): Offer {
  return new Map([
    ...(tools.files ? fileTools() : []),
    ...(tools.commands.length > 0 ? [commandTool(tools)] : []),
    ...(tools.write.length > 0 ? [patchTool(tools)] : []),
    ...(tools.agents.length > 0 ? [delegateTool(tools.agents)] : []),
    ...(tools.ask ? [askTool()] : []),
    ...mcpTools(tools.mcp, descriptions),
  ]);
}

/** In: what a model asked for, whatever that is. Never throws. */
export function judgeCall(offer: Offer, { name, arguments: given, fault }: AskedCall): JudgedCall {
  const found = offer.get(name);
  if (found === undefined) return { name, refused: `There is no tool \`${name}\`. There are: ${[...offer.keys()].join(', ') || 'none'}.` };
  if (fault !== null) return { name, refused: `The arguments of ${name} cannot be used: ${fault}.` };
  try {
    const made = found.make(given);
    const spec = NODE_KINDS[made.kind] as unknown as KindSpec<JsonObject>;
    return { name, made: { kind: made.kind, with: withoutUndefined(spec.with.parse(made.with)) } };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const faults = error.issues.slice(0, 5).map(({ path, message }) => `${path.map(String).join('.') || 'they'} ${message}`);
    return { name, refused: `The arguments of ${name} cannot be used: ${faults.join('; ')}.` };
  }
}

function withoutUndefined(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

/** What a model is told of a call that is done. */
export function resultText(kind: NodeKind, output: Json, maxChars: number): string {
  if (output === null) return 'It is done; nobody knows its output.';
  return cutText(isJsonObject(output) ? textOfOutput(kind, output) : JSON.stringify(output), maxChars);
}

function textOfOutput(kind: NodeKind, output: JsonObject): string {
  if (kind === 'process') {
    const { exit_code: code = null, stdout = '', stderr = '' } = output;
    const end = code === 0 ? [] : [`[exit code ${asText(code)}]`];
    return [asText(stdout), ...(stderr === '' ? [] : [`[stderr]\n${asText(stderr)}`]), ...end].join('\n');
  }
  if (kind === 'mcp_tool') return asText(output['text'] || (output['structured'] ?? ''));
  return JSON.stringify(output);
}

export function errorText({ code, message }: Pick<ErrorInfo, 'code' | 'message'>): string {
  return `${code}: ${message}`;
}

export function cutText(whole: string, maxChars: number): string {
  return whole.length <= maxChars ? whole : `${whole.slice(0, maxChars)}\n[cut: the first ${maxChars} of ${whole.length} characters]`;
}
