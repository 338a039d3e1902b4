import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { GimoError, errorCode } from '#contract/errors.ts';
import type { Logger } from '#platform/log.ts';
import type { Handlers } from './handlers.ts';
import { EnvelopeSchema, isMethod, REQUESTS } from './requests.ts';
import { decodeBody, encodeError, encodeFrame, FrameReader, type Method } from './wire.ts';

export type ConnectionParts = { handlers: Handlers; token: string | null; version: string; log: Logger };

/** A connection with more unsent bytes, or more requests at work, than this is not read from until it has drained. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
const MAX_AT_WORK = 1024;
const HELLO_TIMEOUT_MS = 10_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** Compared as digests, so that the time tells neither the length nor the place of a difference. */
export function isSameToken(expected: string, given: string): boolean {
  return timingSafeEqual(digest(expected), digest(given));
}

function toGimoError(error: unknown, log: Logger): GimoError {
  if (error instanceof GimoError) {
    if (error.status >= 500) log.warn({ err: error, code: error.code }, 'a request failed');
    return error;
  }
  const code = errorCode(error);
  const isFull = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOSPC';
  log.error({ err: error }, 'a request failed unexpectedly');
  return new GimoError(isFull ? 'GICS_FULL' : (code ?? 'INTERNAL'), { cause: error });
}

/** One client. Its faults end this connection at most. */
export class Connection {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #reader = new FrameReader();
  readonly #parked = new Map<number, AbortController>();
  readonly #helloTimer: NodeJS.Timeout;
  #isKnown: boolean;
  #atWork = 0;
  #isCorked = false;
  #isStopping = false;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#isKnown = parts.token === null;
    this.#helloTimer = setTimeout(() => this.#isKnown || socket.destroy(), HELLO_TIMEOUT_MS);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#balance());
    socket.on('close', () => this.#onClose());
  }

  /** From now on requests are not read: what has no answer is sent again to the next daemon. Answers still go out. */
  stopReading(): void {
    this.#isStopping = true;
  }

  #onClose(): void {
    clearTimeout(this.#helloTimer);
    for (const controller of this.#parked.values()) controller.abort();
  }

  #onData(chunk: Buffer): void {
    if (this.#isStopping) return;
    try {
      for (const body of this.#reader.push(chunk)) this.#onFrame(decodeBody(body));
    } catch (error) {
      this.#parts.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'a malformed frame closed its connection');
      this.#socket.destroy();
    }
    this.#balance();
  }

  /** Throws for what is no request at all; a request that is merely wrong gets an answer. */
  #onFrame(message: unknown): void {
    const [id, method, params] = EnvelopeSchema.parse(message);
    if (method === 'cancel') this.#parked.get(id)?.abort();
    else if (method === 'hello') this.#onHello(id, params);
    else if (!this.#isKnown) this.#refuse(id);
    else void this.#answer(id, method, params);
  }

  #onHello(id: number, params: unknown): void {
    const { token } = REQUESTS.hello.parse(params);
    const expected = this.#parts.token;
    if (expected !== null && (token === null || !isSameToken(expected, token))) return this.#refuse(id);
    this.#isKnown = true;
    this.#send([id, 0, { version: this.#parts.version }]);
  }

  #refuse(id: number): void {
    const error = new GimoError('UNAUTHENTICATED', { hint: 'Set GIMO_GICS_TOKEN to the token of the daemon.' });
    this.#socket.end(encodeFrame([id, 1, encodeError(error)]));
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    this.#atWork += 1;
    try {
      if (!isMethod(method) || method === 'hello') throw new GimoError('BAD_REQUEST', { message: 'There is no such method.' });
      this.#send([id, 0, await this.#call(id, method, params)]);
    } catch (error) {
      this.#send([id, 1, encodeError(toGimoError(error, this.#parts.log))]);
    } finally {
      this.#atWork -= 1;
      this.#balance();
    }
  }

  async #call(id: number, method: Exclude<Method, 'hello'>, params: unknown): Promise<unknown> {
    const parsed = REQUESTS[method].safeParse(params);
    if (!parsed.success) {
      const faults = parsed.error.issues.map((issue) => ({
        node: null,
        path: issue.path.join('.'),
        code: issue.code,
        message: issue.message,
      }));
      throw new GimoError('BAD_REQUEST', { faults });
    }
    // The table gives each method the type of its own schema, which the compiler cannot see through the union.
    const handler = this.#parts.handlers[method] as (params: unknown, signal: AbortSignal) => Promise<unknown>;
    if (method !== 'tail' && method !== 'backup' && method !== 'verify') return handler(parsed.data, NEVER);
    return this.#park(id, (signal) => handler(parsed.data, signal));
  }

  /** A request that may wait long: it ends with its connection, and does not count as work in hand. */
  async #park(id: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
    const controller = new AbortController();
    this.#parked.set(id, controller);
    this.#atWork -= 1;
    try {
      return await work(controller.signal);
    } finally {
      this.#atWork += 1;
      this.#parked.delete(id);
    }
  }

  #send(message: unknown): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(encodeFrame(message));
  }

  #balance(): void {
    const isBusy = this.#socket.writableLength > MAX_UNSENT_BYTES || this.#atWork > MAX_AT_WORK;
    if (isBusy && !this.#socket.isPaused()) this.#socket.pause();
    else if (!isBusy && this.#socket.isPaused()) this.#socket.resume();
  }
}

const NEVER = new AbortController().signal;
