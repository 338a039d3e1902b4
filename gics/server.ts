import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import { Connection, type ConnectionParts } from './connection.ts';
import { answerPeople } from './http.ts';
import { parseAddress, type Address } from './wire.ts';

/** `stopReading` ends the taking of requests, `close` the connections, after what was written to them. */
export type GicsServer = { url: string; stopReading: () => void; close: () => Promise<void> };
export type ServerOptions = ConnectionParts & { url: string };

const MAX_CONNECTIONS = 1024;
const FIRST_BYTE_TIMEOUT_MS = 10_000;
/** The first byte of a frame is the top byte of a length of at most 16 MiB; HTTP begins with a letter. */
const LAST_FRAME_BYTE = 0x01;

/** Listen for frames and HTTP on one address. Throws: GICS_LOCKED when another daemon answers there, BAD_REQUEST for an address that cannot be used. */
export async function startServer(options: ServerOptions): Promise<GicsServer> {
  const address = parseAddress(options.url);
  if (!('path' in address) && options.token === null) {
    throw new GimoError('BAD_REQUEST', { message: 'GICS listens on TCP only with a token.', hint: 'Set GIMO_GICS_TOKEN.' });
  }
  const http = createHttpServer((request, response) => void answerPeople(request, response, options));
  const sockets = new Set<Socket>();
  const connections = new Set<Connection>();
  const serveFrames = (socket: Socket): void => {
    const connection = new Connection(socket, options);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that goes away in the middle is an everyday matter; `close` follows and cleans up.
    socket.on('error', () => socket.destroy());
    sniff(socket, serveFrames, (people) => http.emit('connection', people));
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, address);
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const stopReading = (): void => {
    server.close();
    for (const connection of connections) connection.stopReading();
  };
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroySoon();
    return closed;
  };
  return { url: boundUrl(server, options.url), stopReading, close };
}

/** Both protocols share the listener: the first byte tells which one it is. */
function sniff(socket: Socket, serveFrames: (socket: Socket) => void, serveHttp: (socket: Socket) => void): void {
  socket.setTimeout(FIRST_BYTE_TIMEOUT_MS, () => socket.destroy());
  socket.once('readable', () => {
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    const first: unknown = socket.read();
    if (!Buffer.isBuffer(first)) return;
    socket.unshift(first);
    if ((first[0] ?? 0) <= LAST_FRAME_BYTE) serveFrames(socket);
    else serveHttp(socket);
  });
}

async function listen(server: Server, address: Address): Promise<void> {
  if (!('path' in address)) return bind(server, address);
  mkdirSync(path.dirname(address.path), { recursive: true, mode: 0o700 });
  if (await isAnswering(address.path)) throw new GimoError('GICS_LOCKED', { message: 'Another daemon answers on this socket.' });
  rmSync(address.path, { force: true });
  // The socket gets its mode when it is made; closing the file to others afterwards would leave a moment open.
  const mask = process.umask(0o177);
  const bound = bind(server, address);
  process.umask(mask);
  await bound;
  chmodSync(address.path, 0o600);
}

function bind(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new GimoError('BAD_REQUEST', { message: `GICS cannot listen: ${cause.message}`, cause })));
    server.listen(address, () => resolve());
  });
}

/** Whether a living daemon is behind the socket; a file that a dead one left refuses the connection. */
function isAnswering(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: file });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function boundUrl(server: Server, url: string): string {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? url : `tcp://${hostText(bound)}:${bound.port}`;
}

const hostText = (bound: AddressInfo): string => (bound.family === 'IPv6' ? `[${bound.address}]` : bound.address);
