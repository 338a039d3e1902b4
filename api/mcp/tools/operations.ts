/** The whole API through four tools: find an operation, read its schema, call it. New rows of the route table appear here by themselves. */
import type { RouteId } from '#contract/routes/index.ts';
import { z } from '#contract/zod.ts';
import type { BackendInput } from '../backend.ts';
import { accessOf, doorOf, findOperation, jsonSchema, rowOf, searchOperations, type Access } from '../operations.ts';
import { bounded, partOf } from '../part.ts';
import { defineTool, READS, type Tool, type ToolAnswer, type ToolCall } from '../tool.ts';
import { Key, pageQuery } from './plans.ts';

const DEFAULT_FOUND = 10;
const MAX_FOUND = 100;

const Name = z.string().max(100);
const Row = z.object({
  operation: z.string(),
  method: z.string(),
  path: z.string(),
  summary: z.string(),
  access: z.string(),
  role: z.string(),
});
const Fields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional();
const Args = z.strictObject({ operation: Name, params: Fields, query: Fields });
const Part = z.string().max(1000).optional().describe('Only this part of the body, as a JSON pointer: /paths/~1ops~1drafts');
const Answer = z.object({ status: z.int(), body: z.unknown(), next_cursor: z.string().nullable() });

function showRow(id: RouteId): z.output<typeof Row> {
  const { method, path, summary, role } = rowOf(id);
  return { operation: id, method, path, summary, access: accessOf(id), role };
}

/** Throws: an error that names what there is instead. */
function requireOperation(name: string): RouteId {
  const id = findOperation(name);
  if (id !== null) return id;
  const near = searchOperations(name, 5);
  const others = near.length === 0 ? '' : ` Near: ${near.join(', ')}.`;
  throw new Error(`There is no operation ${name}.${others} gimo_search_operations finds operations by words, in English.`);
}

function requireAccess(id: RouteId, wanted: Access, backendUrl: string): void {
  const access = accessOf(id);
  if (access === wanted) return;
  const sentences: Record<Access, string> = {
    read: `${id} only reads: call it with gimo_read_operation.`,
    write: `${id} changes something: call it with gimo_write_operation.`,
    person: `${id} is left to a person: this tool never does it. ${doorOf(id, backendUrl)}`,
    stream: `${id} never ends, so no tool can answer it: use get_run_log, or get_run_status with wait_s.`,
  };
  throw new Error(sentences[access]);
}

async function perform({ backend, ctx }: ToolCall, id: RouteId, input: BackendInput, part = ''): Promise<ToolAnswer> {
  requireParams(id, input.params ?? {});
  const { status, data, next } = await backend.call(id, { ...input, signal: ctx.mcpReq.signal });
  return { data: { status, body: bounded(partOf(data, part)), next_cursor: next } };
}

/** Throws: an error that names the params of the path that are not given. */
function requireParams(id: RouteId, params: Record<string, string>): void {
  const missing = [...rowOf(id).path.matchAll(/\{(\w+)\}/g)].flatMap(([, param = '']) => (params[param] === undefined ? [param] : []));
  if (missing.length > 0)
    throw new Error(`BAD_REQUEST: ${id} needs \`params\`: ${missing.map((param) => `\`${param}\` is missing`).join(', ')}.`);
}

const texts = (fields: z.output<typeof Fields>): Record<string, string> => pageQuery(fields ?? {});

const search = defineTool({
  name: 'gimo_search_operations',
  title: 'Find operations of the API',
  toolset: 'operations',
  description:
    'Finds operations of the whole GIMO API by English words. `access` says how one is called: read, write, or by a person only.',
  input: z.strictObject({ query: z.string().max(500), limit: z.int().min(1).max(MAX_FOUND).optional() }),
  output: z.object({ operations: z.array(Row) }),
  hints: READS,
  run: async (_call, { query, limit = DEFAULT_FOUND }) => ({ data: { operations: searchOperations(query, limit).map(showRow) } }),
});

const describe = defineTool({
  name: 'gimo_describe_operation',
  title: 'Describe an operation of the API',
  toolset: 'operations',
  description: 'One operation with the JSON Schemas of its params, query, body and answer, its least role and its error codes.',
  input: z.strictObject({ operation: Name }),
  output: Row.extend({ token_classes: z.array(z.string()), errors: z.array(z.string()), schemas: z.record(z.string(), z.unknown()) }),
  hints: READS,
  run: async (_call, { operation }) => {
    const id = requireOperation(operation);
    const { params, query, body, responses, classes, errors } = rowOf(id);
    const inputs = Object.entries({ params, query, body }).flatMap(([name, schema]) =>
      schema === undefined ? [] : [[name, jsonSchema(schema, 'input')]],
    );
    const answers = Object.entries(responses).map(([status, schema]) => [status, schema === undefined ? {} : jsonSchema(schema, 'output')]);
    const schemas = { ...Object.fromEntries(inputs), answers: Object.fromEntries(answers) };
    return { data: { ...showRow(id), token_classes: [...classes], errors: [...errors], schemas } };
  },
});

const read = defineTool({
  name: 'gimo_read_operation',
  title: 'Call an operation that reads',
  toolset: 'operations',
  description: 'Calls a GET operation of the API with the rights of this connection.',
  input: Args.extend({ part: Part }),
  output: Answer,
  hints: READS,
  run: async (call, { operation, params, query, part }) => {
    const id = requireOperation(operation);
    requireAccess(id, 'read', call.backend.url);
    return perform(call, id, { params: texts(params), query: texts(query) }, part);
  },
});

const write = defineTool({
  name: 'gimo_write_operation',
  title: 'Call an operation that changes something',
  toolset: 'operations',
  description:
    'Calls an operation that changes something, with the rights of this connection. What only people may do (approvals, answers to gates, tokens, configuration) is refused here.',
  input: Args.extend({ body: z.unknown().optional(), idempotency_key: Key }),
  output: Answer,
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  run: async (call, { operation, params, query, body, idempotency_key: key }) => {
    const id = requireOperation(operation);
    requireAccess(id, 'write', call.backend.url);
    return perform(call, id, { params: texts(params), query: texts(query), body, key });
  },
});

export const operationTools: Tool[] = [search, describe, read, write];
