import type { Payload, PayloadCodec } from '@temporalio/common';
import type { WirePayloads } from '#contract/routes/codec.ts';
import type { Core } from '../deps.ts';

type Wire = WirePayloads['payloads'][number];

const fromWire = ({ metadata, data }: Wire): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data ?? '', 'base64'),
});

const toWire = ({ metadata, data }: Payload): Wire => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')])),
  data: Buffer.from(data ?? []).toString('base64'),
});

/** Each payload by itself: one that cannot be read, for want of its key or its blob, comes back as it was, beside those that can. */
async function each({ payloads }: WirePayloads, work: (payload: Payload) => Promise<Payload>): Promise<WirePayloads> {
  return { payloads: await Promise.all(payloads.map(async (wire) => work(fromWire(wire)).then(toWire, () => wire))) };
}

const through = async (codecs: readonly PayloadCodec[], payload: Payload, way: 'encode' | 'decode'): Promise<Payload> => {
  let result = payload;
  for (const codec of codecs) [result = payload] = await codec[way]([result]);
  return result;
};

export function decodePayloads({ payloadCodecs }: Pick<Core, 'payloadCodecs'>, body: WirePayloads): Promise<WirePayloads> {
  return each(body, (payload) => through(payloadCodecs.toReversed(), payload, 'decode'));
}

export function encodePayloads({ payloadCodecs }: Pick<Core, 'payloadCodecs'>, body: WirePayloads): Promise<WirePayloads> {
  return each(body, (payload) => through(payloadCodecs, payload, 'encode'));
}
