/** A real HTTP server for tests of the command line: each test says what it answers. */
import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';

export type TestApi = { url: string; close: () => Promise<void> };

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

export async function startTestApi(listener: Listener, port = 0): Promise<TestApi> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}

export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? null : JSON.parse(text);
}

export type Outcome = { code: number; stdout: string; stderr: string };

/** Runs `gimo` as a process of its own, without a terminal. */
export function gimo(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const main = path.join(import.meta.dirname, 'main.ts');
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:GIMO|ORCH)_/.test(name)));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { env: { ...clean, ...env } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
