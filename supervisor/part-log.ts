/** The log file of one part, rotated; and what of it a person should see. */
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import { isJsonObject, type JsonObject } from '#contract/json.ts';
import { redact } from '#platform/redact.ts';

const KEPT_LINES = 50;
const FLUSH_MS = 500;
/** Characters; a longer line is cut in two. */
const MAX_LINE = 1_000_000;

export type PartLogEvents = {
  /** The part said `{"ready": true}`. */
  onReady(): void;
  /** A line of level warn or error, in plain words. */
  onTrouble(level: 'warn' | 'error', text: string): void;
  /** The log cannot be written (full disk). */
  onWriteError(error: Error): void;
};

export class PartLog {
  readonly #file: RotatingFileStream;
  readonly #events: PartLogEvents;
  #recent: string[] = [];
  #canWrite = true;

  constructor(dir: string, name: string, events: PartLogEvents) {
    this.#events = events;
    this.#file = createStream(`${name}.log`, { path: dir, size: '10M', rotate: 5, mode: 0o600 });
    this.#file.on('error', (error: Error) => this.#failed(error));
    this.#file.on('warning', (error: Error) => this.#failed(error));
  }

  /** Takes the output of a fresh process. */
  attach(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream): void {
    this.#recent = [];
    // Parts mask what they log themselves, but not what a crash or a program of others writes.
    for (const stream of [stdout, stderr]) readLines(stream, (line) => this.#line(redact(line)));
  }

  /** The line that says best why the process ended. */
  lastLine(): string {
    const lines = this.#recent.filter((line) => line.trim() !== '' && !line.startsWith('Node.js v'));
    const errors = lines.filter((line) => /"level":"(?:error|fatal)"/.test(line) || /^\w*Error\b.*:/.test(line));
    return plainWords(errors.at(-1) ?? lines.at(-1) ?? 'it said nothing');
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, FLUSH_MS).unref();
    this.#file.end(() => resolve());
    await promise;
  }

  #line(line: string): void {
    this.#recent.push(line);
    if (this.#recent.length > KEPT_LINES) this.#recent.shift();
    if (this.#canWrite) this.#file.write(`${line}\n`);
    const entry = parseEntry(line);
    if (entry?.['ready'] === true) this.#events.onReady();
    const level = entry?.['level'];
    // Temporal's SDK warns in its own terms about things that it handles by itself.
    const isForTheFile = level === 'warn' && entry?.['sdkComponent'] !== undefined;
    if ((level === 'warn' || level === 'error') && !isForTheFile) this.#events.onTrouble(level, plainWords(line));
  }

  #failed(error: Error): void {
    if (!this.#canWrite) return;
    this.#canWrite = false;
    this.#events.onWriteError(error);
  }
}

/** In: a log line. Out: its message and the message of its error, without the machine's fields. */
export function plainWords(line: string): string {
  const entry = parseEntry(line);
  if (entry === null) return line.trim();
  const error = entry['err'] ?? entry['error'];
  const cause = isJsonObject(error) ? error['message'] : error;
  const words = [entry['msg'], cause].filter((word): word is string => typeof word === 'string' && word !== '');
  return words.length > 0 ? [...new Set(words)].join(': ') : line.trim();
}

function parseEntry(line: string): JsonObject | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null; // not a log entry of ours
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) {
      lines.push(rest);
      rest = '';
    }
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
