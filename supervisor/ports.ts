import { randomInt } from 'node:crypto';
import net from 'node:net';
import { Refusal } from './refusal.ts';

// Below the range that systems use for outgoing connections: a port found free stays free until it is used.
const LOWEST = 18_000;
const HIGHEST = 30_000;
const TRIES = 200;

export function isPortFree(port: number, host: string): Promise<boolean> {
  return listenOnce(port, host).then((code) => code === null);
}

/** Throws: a sentence when the API cannot listen there. */
export async function refuseTakenPort(port: number, host: string): Promise<void> {
  const code = await listenOnce(port, host);
  if (code === null) return;
  if (code === 'EADDRINUSE') {
    throw new Refusal(`Port ${port} on ${host} is taken: stop the program that uses it, or choose another with \`npm start -- --port N\`.`);
  }
  if (code === 'EACCES')
    throw new Refusal(`Port ${port} may not be used by this user: choose one above 1023 with \`npm start -- --port N\`.`);
  throw new Refusal(`GIMO cannot listen on ${host}:${port} (${code}): give an address of this machine with --host.`);
}

/** In: the port of the last start, or null. Out: that one when it is free, else any free one that is not in `taken`. */
export async function choosePort(wanted: number | null, taken: number[] = []): Promise<number> {
  if (wanted !== null && !taken.includes(wanted) && (await isPortFree(wanted, '127.0.0.1'))) return wanted;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!taken.includes(port) && (await isPortFree(port, '127.0.0.1'))) return port;
  }
  throw new Refusal(`No free port was found between ${LOWEST} and ${HIGHEST}: close some programs and start again.`);
}

/** Out: null when listening there works, else the system's error code. */
function listenOnce(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Out: whether something accepts connections there now. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const answer = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
