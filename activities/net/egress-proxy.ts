/**
 * The only way from one fenced program to the network: a small proxy for HTTP and CONNECT on a socket of its own. It knows the hosts that
 * were approved for this node, resolves each once, and connects to the address that it checked.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, errorMessage, GimoError } from '#contract/errors.ts';
import { wayTo, type EgressRules, type Way } from './egress-rules.ts';

export type EgressLimits = { atOnce: number; connections: number; bytes: number; headMs: number; idleMs: number; connectMs: number };
export const EGRESS_LIMITS: EgressLimits = {
  atOnce: 64,
  connections: 2000,
  bytes: 1024 ** 3,
  headMs: 10_000,
  idleMs: 60_000,
  connectMs: 10_000,
};

/** One connection that was asked for: what became of it, and how much went out and came in. */
export type Connection = { to: string; outcome: 'allowed' | 'refused' | 'failed'; why: string; sent_bytes: number; received_bytes: number };

export type Egress = { socket: string; folder: string; close(): Promise<void> };

type Options = { rules: EgressRules; limits?: Partial<EgressLimits>; onConnection: (connection: Connection) => void };

const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);

class Proxy {
  readonly #options: Options;
  readonly #limits: EgressLimits;
  readonly #open = new Set<Duplex>();
  readonly server: http.Server;
  #count = 0;
  #bytes = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#limits = { ...EGRESS_LIMITS, ...options.limits };
    const { headMs, atOnce } = this.#limits;
    this.server = http.createServer({ maxHeaderSize: 16_384, headersTimeout: headMs, connectionsCheckingInterval: Math.min(headMs, 1000) });
    this.server.maxConnections = atOnce;
    this.server.on('connection', (socket) => this.#track(socket));
    this.server.on('connect', (request, socket, head) => void this.#connect(request, socket, head));
    this.server.on('request', (request, response) => void this.#forward(request, response));
    this.server.on('clientError', (_error, socket) => socket.destroy());
  }

  #track(socket: Duplex): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket)).on('error', () => socket.destroy());
  }

  end(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Throws: what refuses it; then it is on record. */
  async #way(url: string, to: string): Promise<{ way: Way; record: Connection }> {
    const record: Connection = { to, outcome: 'allowed', why: '', sent_bytes: 0, received_bytes: 0 };
    this.#count += 1;
    try {
      if (this.#count > this.#limits.connections) throw limited(`more than ${this.#limits.connections} connections`);
      if (this.#bytes > this.#limits.bytes) throw limited(`more than ${this.#limits.bytes} bytes`);
      const late = delay(this.#limits.connectMs, undefined, { ref: false }).then(() => {
        throw new GimoError('HTTP_FAILED', { message: 'The name was not resolved in time.' });
      });
      return { way: await Promise.race([wayTo(url, this.#options.rules), late]), record };
    } catch (error) {
      this.#tell({ ...record, outcome: errorCode(error) === 'ADDRESS_REFUSED' ? 'refused' : 'failed', why: errorMessage(error) });
      throw error;
    }
  }

  #tell(record: Connection): void {
    this.#options.onConnection(record);
  }

  /** A connection to the address that was checked, and to no other. */
  async #dial({ address, port }: Way): Promise<Socket> {
    const outer = net.connect({ host: address, port });
    this.#track(outer);
    outer.setTimeout(this.#limits.connectMs, () => outer.destroy(new Error('it did not answer in time')));
    await once(outer, 'connect');
    outer.setTimeout(this.#limits.idleMs, () => outer.destroy());
    return outer;
  }

  #meter(record: Connection, field: 'sent_bytes' | 'received_bytes', bytes: number, end: () => void): void {
    record[field] += bytes;
    this.#bytes += bytes;
    if (this.#bytes <= this.#limits.bytes) return;
    record.why = `cut off at ${this.#limits.bytes} bytes`;
    end();
  }

  async #connect(request: IncomingMessage, inner: Duplex, head: Buffer): Promise<void> {
    const to = String(request.url).slice(0, 300);
    let found: { way: Way; record: Connection } | null = null;
    try {
      // An authority without a port would get one that nobody wrote.
      if (!/^[^/?#@\s]+:\d{1,5}$/.test(to)) throw new GimoError('ADDRESS_REFUSED', { message: 'CONNECT names a host and a port.' });
      found = await this.#way(`https://${to.toLowerCase()}/`, to);
      const outer = await this.#dial(found.way);
      inner.write('HTTP/1.1 200 Connection established\r\n\r\n');
      this.#join(inner, outer, head, found.record);
    } catch (error) {
      if (found !== null) this.#tell({ ...found.record, outcome: 'failed', why: errorMessage(error) });
      const { line, text } = answerOf(error);
      inner.end(
        `HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
    }
  }

  #join(inner: Duplex, outer: Socket, head: Buffer, record: Connection): void {
    const end = (): void => void (inner.destroy(), outer.destroy());
    outer.on('data', (chunk: Buffer) => this.#meter(record, 'received_bytes', chunk.length, end));
    inner.on('data', (chunk: Buffer) => this.#meter(record, 'sent_bytes', chunk.length, end));
    if (head.length > 0) {
      outer.write(head);
      this.#meter(record, 'sent_bytes', head.length, end);
    }
    inner.pipe(outer);
    outer.pipe(inner);
    inner.on('close', end);
    outer.on('close', () => {
      end();
      this.#tell(record);
    });
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const to = `${request.method ?? ''} ${String(request.url).slice(0, 300)}`;
    let found: { way: Way; record: Connection } | null = null;
    try {
      const url = String(request.url);
      if (!/^http:\/\//i.test(url)) throw new GimoError('ADDRESS_REFUSED', { message: 'A request names its whole http address.' });
      found = await this.#way(url, to);
      const outgoing = this.#request(request, new URL(url), found.way);
      request.on('data', (chunk: Buffer) => this.#meter(found?.record ?? EMPTY, 'sent_bytes', chunk.length, () => outgoing.destroy()));
      request.pipe(outgoing);
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      answer.on('data', (chunk: Buffer) => this.#meter(found?.record ?? EMPTY, 'received_bytes', chunk.length, () => answer.destroy()));
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.rawHeaders));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      await once(answer, 'close');
      if (!answer.complete) response.destroy();
      this.#tell(found.record);
    } catch (error) {
      if (found !== null) this.#tell({ ...found.record, outcome: 'failed', why: errorMessage(error) });
      const { line, text } = answerOf(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(Number(line.slice(0, 3)), { 'content-type': 'text/plain', connection: 'close' }).end(text);
    }
  }

  #request(request: IncomingMessage, url: URL, { address, port }: Way): http.ClientRequest {
    const outgoing = http.request({
      host: address,
      port,
      method: request.method,
      path: `${url.pathname}${url.search}`,
      // One host was checked, so it is the one that is named.
      headers: [...endToEnd(request.rawHeaders).filter((_word, at, all) => all[at - (at % 2)]?.toLowerCase() !== 'host'), 'host', url.host],
      agent: false,
      setHost: false,
      timeout: this.#limits.idleMs,
    });
    outgoing.on('socket', (socket) => this.#track(socket));
    outgoing.on('timeout', () => outgoing.destroy(new Error('it did not answer in time')));
    request.on('close', () => !request.complete && outgoing.destroy());
    return outgoing;
  }
}

const EMPTY: Connection = { to: '', outcome: 'failed', why: '', sent_bytes: 0, received_bytes: 0 };

/** Names and values in turn, without what is about one connection only. */
function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_word, at) => !HOP_BY_HOP.has((raw[at - (at % 2)] ?? '').toLowerCase()));
}

const limited = (what: string): GimoError => new GimoError('ADDRESS_REFUSED', { message: `This node has had ${what}.` });

function answerOf(error: unknown): { line: string; text: string } {
  const isRefused = errorCode(error) === 'ADDRESS_REFUSED';
  return {
    line: isRefused ? '403 Forbidden' : '502 Bad Gateway',
    text: `GIMO: ${isRefused ? errorMessage(error) : 'the host did not answer.'}\n`,
  };
}

/** Out: the socket to show to the program, in a folder of its own. `close` ends every connection. */
export async function startEgressProxy(options: Options): Promise<Egress> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gimo-net-'));
  const socket = path.join(folder, 's');
  const proxy = new Proxy(options);
  proxy.server.listen(socket);
  await once(proxy.server, 'listening');
  const close = async (): Promise<void> => {
    proxy.end();
    proxy.server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { socket, folder, close };
}
