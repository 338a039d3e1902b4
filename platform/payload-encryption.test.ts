import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PayloadEncryption } from './payload-encryption.ts';
import { ensurePayloadKey, PayloadKeys, rotatePayloadKey } from './payload-keys.ts';

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-payload-'));
  file = path.join(dir, 'payload.json');
  ensurePayloadKey(file);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const codec = (isOn = true): PayloadEncryption => new PayloadEncryption(new PayloadKeys(file), isOn);
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value) ?? {};
const valueOf = (payload: Payload | undefined): unknown => defaultPayloadConverter.fromPayload(payload ?? {});
const textOf = ({ metadata, data }: Payload): string =>
  [
    ...Object.entries(metadata ?? {}).map(([name, bytes]) => name + Buffer.from(bytes).toString('latin1')),
    Buffer.from(data ?? []).toString('latin1'),
  ].join(' ');

describe('a payload', () => {
  it('comes back as it was, whatever it is, and never looks the same twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        const value = JSON.parse(text) as unknown;
        const [first, second] = await codec().encode([payloadOf(value), payloadOf(value)]);
        expect(Buffer.from(first?.data ?? []).equals(Buffer.from(second?.data ?? []))).toBe(false);
        const [decoded] = await codec().decode(first === undefined ? [] : [first]);
        expect(valueOf(decoded)).toEqual(value);
      }),
    );
  });

  it('shows nothing but the id of its key', async () => {
    const [encoded] = await codec().encode([payloadOf({ prompt: 'the plain words of a plan' })]);
    expect(textOf(encoded ?? {})).not.toMatch(/plain|prompt|json/);
    expect(Buffer.from(encoded?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
  });

  it('is readable after a rotation, by processes that knew only the key before, too', async () => {
    const reader = codec();
    const [old] = await reader.encode([payloadOf('before')]);
    const kid = rotatePayloadKey(file);
    const [fresh] = await codec().encode([payloadOf('after')]);
    expect(Buffer.from(fresh?.metadata?.['encryption-key-id'] ?? []).toString()).toBe(kid);
    expect((await reader.decode([old ?? {}, fresh ?? {}])).map(valueOf)).toEqual(['before', 'after']);
  });

  it('is refused when a bit of it, or the name of its key, was changed', async () => {
    const [encoded] = await codec().encode([payloadOf('whole')]);
    const data = Buffer.from(encoded?.data ?? []);
    for (const at of [0, 13, data.length - 1]) {
      const bad = Buffer.from(data);
      bad[at] = (bad[at] ?? 0) ^ 1;
      await expect(codec().decode([{ ...encoded, data: bad }])).rejects.toThrow(/./);
    }
    const metadata = { ...encoded?.metadata, 'encryption-key-id': Buffer.from('0123456789abcdef') };
    await expect(codec().decode([{ ...encoded, metadata }])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that was written without encryption is read, and is written so when it is off', async () => {
    const plain = payloadOf('as it is');
    expect(await codec().decode([plain])).toEqual([plain]);
    expect(await codec(false).encode([plain])).toEqual([plain]);
    const [encoded] = await codec().encode([plain]);
    expect((await codec(false).decode([encoded ?? {}])).map(valueOf)).toEqual(['as it is']);
  });
});

describe('the keys of payloads', () => {
  it('are in a file of their owner, and a broken one is named', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const broken = path.join(dir, 'broken.json');
    writeFileSync(broken, '{"keys":[]}');
    expect(() => new PayloadKeys(broken).current()).toThrow(`${broken} cannot be read`);
  });
});
