/** A stdio server in a fence of its own: no network, nothing of the workspace, an empty folder to work in. It lives for one conversation. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { GimoError } from '#contract/errors.ts';
import type { McpServerConfig } from '#contract/mcp-servers.ts';
import { DEFAULT_PATH } from '#platform/paths.ts';
import type { ActivityDeps } from '../deps.ts';
import { prepareFence } from '../fence/fence-command.ts';
import { toolPaths } from '../fence/system-paths.ts';
import { runProcess, type ProcessHooks, type ProcessResult } from '../process/run-process.ts';

type StdioConfig = Extract<McpServerConfig, { type: 'stdio' }>;
export type FencedServer = {
  deps: Pick<ActivityDeps, 'config' | 'fence' | 'env'>;
  server: StdioConfig;
  effectId: string;
  maxBytes: number;
  signal: AbortSignal;
  onStart?: ProcessHooks['onStart'];
  onStderr: (text: string) => void | Promise<void>;
};

const MIB = 1024 * 1024;
const MAX_PROCESSES = 128;

export class FencedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #options: FencedServer;
  readonly #stop = new AbortController();
  #stdin: Writable | null = null;
  #ended: Promise<ProcessResult> | null = null;
  #dir = '';
  #line = '';
  #bytes = 0;

  constructor(options: FencedServer) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { deps, server } = this.#options;
    this.#dir = await mkdtemp(path.join(tmpdir(), 'gimo-mcp-'));
    const command = await prepareFence(deps.fence, {
      argv: server.argv,
      cwd: this.#dir,
      env: { PATH: deps.env['PATH'] ?? DEFAULT_PATH, LANG: 'C.UTF-8', ...server.env },
      readPaths: [...server.read, ...toolPaths(deps.env['PATH'] ?? '')],
      writePaths: [this.#dir],
      coverPaths: [deps.config.paths.data],
      network: 'none',
      memoryBytes: server.memory_mb * MIB,
      fileBytes: 100 * MIB,
      maxProcesses: MAX_PROCESSES,
    });
    await new Promise<void>((resolve, reject) => {
      this.#ended = runProcess(
        { ...command, effectId: this.#options.effectId, keepBytes: 4096 },
        {
          signal: AbortSignal.any([this.#options.signal, this.#stop.signal]),
          ...(this.#options.onStart === undefined ? {} : { onStart: this.#options.onStart }),
          onInput: (stdin) => {
            this.#stdin = stdin;
            resolve();
          },
          onChunk: ({ stream, text }) => (stream === 'stderr' ? this.#options.onStderr(text) : this.#take(text)),
        },
      );
      this.#ended.then(() => this.onclose?.(), reject);
    });
  }

  /** Messages are lines. What is larger than all that may come ends the conversation. */
  #take(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.#options.maxBytes)
      throw new GimoError('OUTPUT_TOO_LARGE', { message: `The server wrote more than ${this.#options.maxBytes} bytes.` });
    const lines = `${this.#line}${text}`.split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      try {
        this.onmessage?.(JSON.parse(line) as JSONRPCMessage);
      } catch (error) {
        this.onerror?.(error instanceof Error ? error : new Error(String(error))); // a server that prints to stdout
      }
    }
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#stdin;
    if (stdin === null || !stdin.writable) throw new GimoError('MCP_FAILED', { message: 'The server has ended.' });
    await new Promise<void>((resolve, reject) => {
      stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Waits: until the whole process tree is gone. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended?.catch(() => undefined); // what it ended with was reported when it ended
    if (this.#dir !== '') await rm(this.#dir, { recursive: true, force: true });
  }
}
