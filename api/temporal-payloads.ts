/**
 * What Temporal answers to its page, made plain on the way. The page shows what it was given until its codec has answered, one question for
 * each value: that was base64 for as long as it took.
 */
import type { FastifyInstance } from 'fastify';
import { isJsonObject, type Json, type JsonObject } from '#contract/json.ts';
import { PayloadsSchema, type WirePayloads } from '#contract/routes/codec.ts';

type Payload = WirePayloads['payloads'][number];

/** How payloads say that they are encrypted, as JSON of Temporal has it. */
const ENCRYPTED = Buffer.from('binary/encrypted').toString('base64');
/** Of one question to the codec, which takes 1,000 at most. */
const GROUP_COUNT = 500;
const GROUP_CHARS = 500_000;

/** In: an answer of Temporal (changed in place); the headers of whoever asked. What that credential may not read, or nobody can, stays as it is. */
export async function makePlain(app: FastifyInstance, answer: Json, headers: Record<string, string>): Promise<void> {
  for (const group of grouped([...encryptedIn(answer)])) {
    const plain = await decode(app, group, headers);
    for (const [index, payload] of (plain ?? []).entries()) Object.assign(group[index] ?? {}, payload);
  }
}

/** Every encrypted payload in it, wherever it stands. */
function* encryptedIn(value: Json): Generator<JsonObject> {
  if (Array.isArray(value)) for (const item of value) yield* encryptedIn(item);
  if (!isJsonObject(value)) return;
  const { metadata } = value;
  if (isJsonObject(metadata) && metadata['encoding'] === ENCRYPTED) yield value;
  else for (const item of Object.values(value)) yield* encryptedIn(item);
}

function grouped(payloads: JsonObject[]): JsonObject[][] {
  const groups: JsonObject[][] = [];
  let chars = 0;
  for (const payload of payloads) {
    const size = typeof payload['data'] === 'string' ? payload['data'].length : 0;
    const last = groups.at(-1);
    if (last === undefined || last.length === GROUP_COUNT || chars + size > GROUP_CHARS) {
      groups.push([payload]);
      chars = size;
    } else {
      last.push(payload);
      chars += size;
    }
  }
  return groups;
}

/** Through the route, which judges who asks like any other. */
async function decode(app: FastifyInstance, payloads: Payload[], headers: Record<string, string>): Promise<Payload[] | null> {
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/codec/decode', headers, payload: { payloads } });
  if (statusCode !== 200) return null;
  const plain = PayloadsSchema.parse(JSON.parse(body)).payloads;
  return plain.length === payloads.length ? plain : null;
}
