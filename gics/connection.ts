import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { GimoError, errorCode } from '#contract/errors.ts';
import type { Logger } from '#platform/log.ts';
import { DETACHED, type Call, type Handlers } from './handlers.ts';
import { EnvelopeSchema, isMethod, REQUESTS } from './requests.ts';
import { decodeBody, encodeError, encodeFrame, FrameReader, type Method } from './wire.ts';

export type ConnectionParts = { handlers: Handlers; token: string | null; version: string; log: Logger };

/** A connection with more unsent bytes, or more work in hand, than this is not read from until it has drained. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
const MAX_AT_WORK = 1024;
/** The answer of a read may be large, so a few of them are as much work as many writes. */
const READ_WORK = 64;
const READS: readonly string[] = ['get', 'list', 'read', 'blob_read'] satisfies Method[];
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
  readonly #backlog: Buffer[] = [];
  readonly #drainWaiters: (() => void)[] = [];
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
    this.#backlog.length = 0;
    for (const controller of this.#parked.values()) controller.abort();
    for (const wake of this.#drainWaiters.splice(0)) wake();
  }

  #onData(chunk: Buffer): void {
    if (this.#isStopping) return;
    this.#orEnd(() => this.#backlog.push(...this.#reader.push(chunk)));
    this.#balance();
  }

  #orEnd(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'a malformed frame closed its connection');
      this.#backlog.length = 0;
      this.#socket.destroy();
    }
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
    const work = READS.includes(method) ? READ_WORK : 1;
    this.#atWork += work;
    try {
      if (!isMethod(method) || method === 'hello') throw new GimoError('BAD_REQUEST', { message: 'There is no such method.' });
      this.#send([id, 0, await this.#call(id, method, params)]);
    } catch (error) {
      this.#send([id, 1, encodeError(toGimoError(error, this.#parts.log))]);
    } finally {
      this.#atWork -= work;
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
    const handler = this.#parts.handlers[method] as (params: unknown, call: Call) => Promise<unknown>;
    if (method !== 'tail' && method !== 'backup' && method !== 'verify') return handler(parsed.data, DETACHED);
    return this.#park(id, (signal) => handler(parsed.data, { signal, ready: () => this.#drained() }));
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

  get #isBusy(): boolean {
    return this.#socket.writableLength > MAX_UNSENT_BYTES || this.#atWork >= MAX_AT_WORK;
  }

  /** Takes up what has arrived, as far as answers get away; beyond that the socket is not read, and the client has to wait. */
  #balance(): void {
    this.#orEnd(() => {
      while (!this.#isBusy) {
        const body = this.#backlog.shift();
        if (body === undefined) break;
        this.#onFrame(decodeBody(body));
      }
    });
    if (this.#socket.writableLength <= MAX_UNSENT_BYTES) for (const wake of this.#drainWaiters.splice(0)) wake();
    if (this.#isBusy && !this.#socket.isPaused()) this.#socket.pause();
    else if (!this.#isBusy && this.#socket.isPaused()) this.#socket.resume();
  }

  async #drained(): Promise<void> {
    if (this.#socket.writableLength <= MAX_UNSENT_BYTES || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => this.#drainWaiters.push(resolve));
  }
}
