/**
 * The frames of GICS: 4 bytes of length (big endian), then msgpack. A request is [id, method, params],
 * an answer [id, 0, result] or [id, 1, error]. Answers may come in another order than their requests.
 */
import path from 'node:path';
import { Packr } from 'msgpackr';
import { GimoError, isErrorCode, type Fault } from '#contract/errors.ts';
import { GICS_LIMITS, type GicsOpResult, type GicsStatus, type StreamInfo } from '#contract/gics.ts';
import type { Json } from '#contract/json.ts';
import type { StoredEntry, StoredPage, StoredRecord } from './store/store.ts';

const HEADER_BYTES = 4;
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/** What each method answers. The parameters are the schemas in `requests.ts`. */
export type Answers = {
  hello: { version: string };
  get: (StoredRecord | null)[];
  list: StoredPage;
  count: number;
  txn: GicsOpResult[];
  read: StoredEntry[];
  tail: StoredEntry[];
  info: StreamInfo;
  drop_stream: null;
  blob_part: null;
  blob_finish: { sha256: string; size: number };
  blob_stat: { size: number } | null;
  blob_read: Uint8Array | null;
  blob_drop: null;
  status: GicsStatus;
  backup: { target: string; files: number; bytes: number };
  verify: { ok: boolean; faults: string[]; checked: Record<string, number> };
};
export type Method = keyof Answers;

export type WireError = { code: string; message: string; hint: string; faults: Fault[]; data: Record<string, Json> };

export function encodeError(error: GimoError): WireError {
  const { code, message, hint, faults, data } = error;
  return { code, message, hint, faults, data };
}

export function decodeError(wire: WireError): GimoError {
  const { code, message, hint, faults, data } = wire;
  return new GimoError(isErrorCode(code) ? code : 'INTERNAL', { message, hint, faults, data });
}

/** Throws: BODY_TOO_LARGE when the frame would exceed its limit. */
export function encodeFrame(message: unknown): Buffer {
  const body = packr.pack(message);
  if (body.length > GICS_LIMITS.frameBytes) {
    throw new GimoError('BODY_TOO_LARGE', { data: { size: body.length, limit: GICS_LIMITS.frameBytes } });
  }
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

/** Throws what msgpackr throws for bytes that are not msgpack. */
export function decodeBody(body: Buffer): unknown {
  return packr.unpack(body);
}

/** Cuts a byte stream into frame bodies. It holds at most one unfinished frame. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = HEADER_BYTES;

  /** Out: the bodies that `chunk` completes. Throws: BODY_TOO_LARGE at a header beyond the limit; the reader is of no use afterwards. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const bodies: Buffer[] = [];
    this.#needed = frameBytes(rest);
    while (rest.length >= this.#needed && this.#needed > HEADER_BYTES) {
      bodies.push(rest.subarray(HEADER_BYTES, this.#needed));
      rest = rest.subarray(this.#needed);
      this.#needed = frameBytes(rest);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    return bodies;
  }
}

/** Length of the frame that begins here, header included; HEADER_BYTES while the header itself is not whole. */
function frameBytes(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  const length = bytes.readUInt32BE(0);
  if (length === 0 || length > GICS_LIMITS.frameBytes)
    throw new GimoError('BODY_TOO_LARGE', { data: { size: length, limit: GICS_LIMITS.frameBytes } });
  return HEADER_BYTES + length;
}

export type Address = { path: string } | { host: string; port: number };

const MAX_SOCKET_PATH_BYTES = 103;

/** In: `unix:<path>` or `tcp://host:port`. A path too long for a socket is given relative to the working directory. Throws: BAD_REQUEST. */
export function parseAddress(url: string): Address {
  if (url.startsWith('unix:')) return { path: socketPath(url.slice('unix:'.length)) };
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'tcp:' || parsed.port === '') {
    throw new GimoError('BAD_REQUEST', {
      message: 'The address of GICS is not valid.',
      hint: 'GIMO_GICS_URL is unix:<path> or tcp://host:port.',
    });
  }
  return { host: parsed.hostname.replace(/^\[|\]$/g, ''), port: Number(parsed.port) };
}

function socketPath(file: string): string {
  const absolute = path.resolve(file);
  const relative = path.relative('.', absolute);
  const shortest = relative.length < absolute.length ? relative : absolute;
  if (Buffer.byteLength(absolute) <= MAX_SOCKET_PATH_BYTES) return absolute;
  if (Buffer.byteLength(shortest) <= MAX_SOCKET_PATH_BYTES) return shortest;
  throw new GimoError('BAD_REQUEST', {
    message: `The path of the GICS socket is longer than ${MAX_SOCKET_PATH_BYTES} bytes.`,
    hint: 'Choose a shorter data directory (GIMO_DATA_DIR), or start from inside it.',
  });
}
