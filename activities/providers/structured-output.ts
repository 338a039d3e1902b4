/** JSON that fits a schema: asked for in words (and natively where that works), checked here, repaired at most once. */
import { GimoError } from '#contract/errors.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { schemaFaults, valueFaults, type SchemaFault } from '#contract/json-schema.ts';
import { CUT_HINT, repairDemand } from '#contract/structured-answer.ts';
import { redact } from '#platform/redact.ts';
import type { Turn } from './port.ts';
import { runTurn, withFacts, type Call, type TurnResult } from './run-turn.ts';

export type StructuredResult = TurnResult & { json: Json; faults: SchemaFault[] };

/** Throws: BAD_REQUEST when the schema cannot be used. */
export function requireUsableSchema(schema: JsonObject): void {
  const faults = schemaFaults(schema);
  if (faults.length === 0) return;
  throw new GimoError('BAD_REQUEST', {
    message: 'The schema for the answer cannot be used.',
    faults: faults.map((fault) => ({ node: null, path: `schema${fault.path}`, code: 'SCHEMA', message: fault.message })),
  });
}

/** Adds the demand for JSON to the system text. */
export function structuredSystem(system: string | null, schema: JsonObject, hasTools: boolean): string {
  const demand = `${hasTools ? 'When you need no more tools, answer' : 'Answer'} with one JSON value that fits this JSON Schema, and with nothing else: no explanation, no code fence.\n${JSON.stringify(schema)}`;
  return system === null ? demand : `${system}\n\n${demand}`;
}

/** Throws: PROVIDER_BAD_OUTPUT after one repair, where it may be asked for one; its data has usage and cost of both turns. */
export async function runStructured(call: Call, turn: Turn, schema: JsonObject, mayRepair: boolean): Promise<StructuredResult> {
  const { first, used } = await firstTurn(call, turn);
  if (turn.tools.length > 0 && first.calls.length > 0) return { ...first, json: null, faults: [] };
  const read = readAnswer(first, schema);
  if (read.faults.length === 0 || !mayRepair) return { ...first, ...read };
  const refusal = first.finish === 'length' ? first : await repairTurn(call, used, first, read.faults);
  const again = readAnswer(refusal, schema);
  if (again.faults.length === 0) return { ...refusal, ...again };
  throw badOutput(call, refusal, again.faults);
}

/** Some endpoints refuse the native parameter: then the words alone must do. Nothing is charged for a refused request. */
async function firstTurn(call: Call, turn: Turn): Promise<{ first: TurnResult; used: Turn }> {
  try {
    return { first: await runTurn(call, turn, 1), used: turn };
  } catch (error) {
    const isRefusedParameter = error instanceof GimoError && (error.data['status'] === 400 || error.data['status'] === 422);
    if (turn.nativeSchema === null || !isRefusedParameter || error.code !== 'PROVIDER_REFUSED_REQUEST') throw error;
    const inWords: Turn = { ...turn, nativeSchema: null };
    return { first: await runTurn(call, inWords, 1), used: inWords };
  }
}

async function repairTurn(call: Call, turn: Turn, first: TurnResult, faults: SchemaFault[]): Promise<TurnResult> {
  // Some endpoints refuse an empty message.
  const answer = first.text === '' ? '(empty)' : first.text;
  const messages = [
    ...turn.messages,
    { role: 'assistant' as const, content: answer },
    { role: 'user' as const, content: repairDemand(faults) },
  ];
  return runTurn(call, { ...turn, messages }, 2);
}

function readAnswer(result: TurnResult, schema: JsonObject): { json: Json; faults: SchemaFault[] } {
  const json = extractJson(result.text);
  if (json === undefined) return { json: null, faults: [{ path: '', message: 'is not JSON' }] };
  const faults = valueFaults(schema, json).map(({ path, message }) => ({ path: redact(path), message: redact(message) }));
  return { json: faults.length === 0 ? json : null, faults };
}

/** The JSON value of an answer: alone, in a code fence, or between other words. Undefined when there is none. */
export function extractJson(text: string): Json | undefined {
  const answer = text.replace(/^\s*<think>[^]*?<\/think>/, '').trim();
  const fence = /```(?:json)?\s*\n([^]*?)```/.exec(answer)?.[1];
  const start = answer.search(/[[{]/);
  const end = Math.max(answer.lastIndexOf('}'), answer.lastIndexOf(']'));
  const inner = start >= 0 && end > start ? answer.slice(start, end + 1) : undefined;
  for (const candidate of [answer, fence, inner]) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate) as Json;
    } catch {
      // not this part; the next candidate may be it
    }
  }
  return undefined;
}

function badOutput(call: Call, result: TurnResult, faults: SchemaFault[]): GimoError {
  const isCut = result.finish === 'length';
  const error = new GimoError('PROVIDER_BAD_OUTPUT', {
    message: isCut
      ? `The model ${call.model} reached max_output_tokens before its JSON was complete.`
      : `The model ${call.model} did not give the structure that was asked for, also when asked to correct it.`,
    ...(isCut ? { hint: CUT_HINT } : {}),
    faults: faults.map((fault) => ({ node: null, path: fault.path, code: 'SCHEMA', message: fault.message })),
  });
  return withFacts(error, call, {
    partial_text: redact(result.text).slice(0, 16_384),
    received_chars: result.text.length,
    usage: call.meter.usage,
    cost_usd: call.meter.cost.usd,
    request_id: result.requestId,
  });
}
