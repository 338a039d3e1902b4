import { connect, type Socket } from 'node:net';
import { GimoError } from '#contract/errors.ts';
import { decodeBody, decodeError, encodeFrame, FrameReader, type Address, type Answers, type Method, type WireError } from './wire.ts';

export type LinkLog = { warn: (object: object, sentence: string) => void };
export type LinkOptions = { address: Address; token: string | null; log?: LinkLog };
export type CallOptions = { timeoutMs: number; signal?: AbortSignal };

type Pending = { frame: Buffer; settle: (outcome: { result: unknown } | { error: GimoError }) => void };

const BACKOFF_FIRST_MS = 20;
const BACKOFF_MAX_MS = 1000;
const HELLO_ID = 0;

const unavailable = (): GimoError => new GimoError('GICS_UNAVAILABLE');

/**
 * One connection to the daemon, made when there is something to send and made again when it breaks.
 * A request without an answer is sent again on the next connection: every request is safe to repeat.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #backoffMs = BACKOFF_FIRST_MS;
  #lastId = HELLO_ID;
  #lastDataAt = 0;
  #isReady = false;
  #isClosed = false;
  #isCorked = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Waits: until the answer, the signal or the timeout. Throws: what the daemon throws, GICS_UNAVAILABLE, BODY_TOO_LARGE. */
  async call<M extends Method>(method: M, params: unknown, options: CallOptions): Promise<Answers[M]> {
    if (this.#isClosed) throw unavailable();
    this.#lastId += 1;
    const id = this.#lastId;
    const frame = encodeFrame([id, method, params]);
    return new Promise<Answers[M]>((resolve, reject) => {
      const onAbort = (): void => this.#giveUp(id);
      const timer = setTimeout(() => this.#onTimeout(id, options.timeoutMs), options.timeoutMs);
      options.signal?.addEventListener('abort', onAbort);
      const settle: Pending['settle'] = (outcome) => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
        if (this.#pending.size === 0) this.#socket?.unref();
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.result as Answers[M]);
      };
      this.#pending.set(id, { frame, settle });
      this.#socket?.ref();
      if (this.#isReady) this.#write(frame);
      else this.#connect();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#failAll(unavailable());
    this.#socket?.destroy();
  }

  #failAll(error: GimoError): void {
    for (const pending of this.#pending.values()) pending.settle({ error });
  }

  #giveUp(id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    if (this.#isReady) this.#write(encodeFrame([id, 'cancel']));
    pending.settle({ error: unavailable() });
  }

  #onTimeout(id: number, timeoutMs: number): void {
    this.#giveUp(id);
    // Silence for as long as the timeout means that the other machine may be gone without a word.
    if (this.#isReady && Date.now() - this.#lastDataAt >= timeoutMs) this.#socket?.destroy();
  }

  #connect(): void {
    if (this.#socket !== null || this.#retryTimer !== null || this.#isClosed) return;
    const socket = connect(this.#options.address);
    const reader = new FrameReader();
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('connect', () => this.#onConnect(socket));
    socket.on('data', (chunk: Buffer) => this.#onData(reader, chunk));
    // The reason does not matter: `close` follows, and it decides what happens next.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onClose());
  }

  #onConnect(socket: Socket): void {
    this.#isReady = true;
    this.#lastDataAt = Date.now();
    socket.write(encodeFrame([HELLO_ID, 'hello', { token: this.#options.token }]));
    for (const { frame } of this.#pending.values()) this.#write(frame);
  }

  #onData(reader: FrameReader, chunk: Buffer): void {
    this.#lastDataAt = Date.now();
    try {
      for (const body of reader.push(chunk)) this.#onAnswer(decodeBody(body) as [number, 0 | 1, unknown]);
    } catch (error) {
      this.#options.log?.warn({ err: error }, 'an answer of GICS could not be read');
      this.#socket?.destroy();
    }
  }

  #onAnswer([id, status, result]: [number, 0 | 1, unknown]): void {
    if (id === HELLO_ID) this.#onHello(status, result);
    else this.#pending.get(id)?.settle(status === 0 ? { result } : { error: decodeError(result as WireError) });
  }

  #onHello(status: 0 | 1, result: unknown): void {
    if (status === 0) this.#backoffMs = BACKOFF_FIRST_MS;
    else this.#failAll(decodeError(result as WireError));
  }

  #onClose(): void {
    this.#socket = null;
    this.#isReady = false;
    if (this.#pending.size === 0 || this.#isClosed) return;
    const waitMs = this.#backoffMs * (0.5 + Math.random() / 2);
    this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MAX_MS);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      if (this.#pending.size > 0) this.#connect();
    }, waitMs);
  }

  /** Frames of one turn of the event loop leave in one system call. */
  #write(frame: Buffer): void {
    const socket = this.#socket;
    if (socket === null) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        socket.uncork();
      });
    }
    socket.write(frame);
  }
}
