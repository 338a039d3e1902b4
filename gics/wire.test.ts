import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GICS_LIMITS } from '#contract/gics.ts';
import { decodeBody, decodeError, encodeError, encodeFrame, FrameReader, parseAddress } from './wire.ts';
import { GimoError } from '#contract/errors.ts';

describe('frames', () => {
  test('come out as they went in, however the bytes are cut', () => {
    const messages = fc.array(fc.tuple(fc.nat(), fc.string(), fc.uint8Array({ maxLength: 300 })), { maxLength: 12 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(encodeFrame));
        const reader = new FrameReader();
        const got: unknown[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const end = at + (cuts[turn % cuts.length] ?? 1);
          got.push(...reader.push(bytes.subarray(at, end)).map(decodeBody));
          at = end;
        }
        expect(got.map((message) => JSON.stringify(message))).toEqual(sent.map((message) => JSON.stringify(asBuffers(message))));
      }),
    );
  });

  test('beyond the limit are refused at their header, and when they are made', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(GICS_LIMITS.frameBytes + 1);
    expect(() => new FrameReader().push(header)).toThrow(expect.objectContaining({ code: 'BODY_TOO_LARGE' }));
    expect(() => encodeFrame(Buffer.alloc(GICS_LIMITS.frameBytes))).toThrow(expect.objectContaining({ code: 'BODY_TOO_LARGE' }));
  });

  test('carry an error with its code, hint, faults and data', () => {
    const faults = [{ node: null, path: 'a', code: 'b', message: 'c' }];
    const error = new GimoError('GICS_CONFLICT', { hint: 'h', faults, data: { index: 1, rev: 2 } });
    const copy = decodeError(decodeBody(encodeFrame(encodeError(error)).subarray(4)) as ReturnType<typeof encodeError>);
    expect(encodeError(copy)).toEqual(encodeError(error));
  });
});

const asBuffers = (message: unknown[]): unknown[] => message.map((part) => (part instanceof Uint8Array ? Buffer.from(part) : part));

describe('an address', () => {
  test('is a socket or a host and port', () => {
    expect(parseAddress('unix:/tmp/x.sock')).toEqual({ path: '/tmp/x.sock' });
    expect(parseAddress('tcp://127.0.0.1:99')).toEqual({ host: '127.0.0.1', port: 99 });
    expect(parseAddress('tcp://[::1]:99')).toEqual({ host: '::1', port: 99 });
  });

  test.for(['', 'http://x:1', 'tcp://x', '/tmp/x', `unix:/${'x'.repeat(200)}`])('is not %j', (url) => {
    expect(() => parseAddress(url)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  test('of a deep folder is taken from the working directory', () => {
    const deep = `${process.cwd()}/${'x'.repeat(100)}`;
    expect(parseAddress(`unix:${deep}`)).toEqual({ path: 'x'.repeat(100) });
  });
});
