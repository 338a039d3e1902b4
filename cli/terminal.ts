/** Where a command writes and asks. Results go to stdout, everything else to stderr; colours and redrawing need a terminal. */
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { showInvisible } from '#contract/invisible.ts';

export type Paint = Record<'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan', (text: string) => string>;

const CODES = { bold: 1, dim: 2, green: 32, red: 31, yellow: 33, cyan: 36 } as const;

export function createPaint(isOn: boolean): Paint {
  const style =
    (code: number) =>
    (text: string): string =>
      isOn && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text;
  return {
    bold: style(CODES.bold),
    dim: style(CODES.dim),
    green: style(CODES.green),
    red: style(CODES.red),
    yellow: style(CODES.yellow),
    cyan: style(CODES.cyan),
  };
}

/** Control characters of the data (terminal escapes, carriage returns) and all else that hides or turns text become visible; newlines and tabs stay. */
export function printable(text: string): string {
  return showInvisible(withoutControls(text));
}

/** Only what a terminal would obey: for lines that programs read. */
export function withoutControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly these are what must not reach a terminal
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

export type Terminal = {
  isJson: boolean;
  /** Whether a person can be asked. */
  canAsk: boolean;
  /** Whether lines of stderr can be redrawn. */
  isLive: boolean;
  width: number;
  height: number;
  paint: Paint;
  /** Paint for what goes to stderr. */
  notePaint: Paint;
  /** A line on stdout. */
  out(text: string): void;
  /** Text on stdout as it is. */
  outRaw(text: string): void;
  note(text: string): void;
  raw(text: string): void;
  ask(question: string, signal?: AbortSignal): Promise<string>;
};

type Streams = { stdin: Readable & { isTTY?: boolean }; stdout: Writable & Sized; stderr: Writable & Sized };
type Sized = { isTTY?: boolean; columns?: number; rows?: number };

/** Where there is no terminal. */
const DEFAULT_WIDTH = 100;
const DEFAULT_HEIGHT = 40;
/** Where a terminal says that it has no size. */
const UNSIZED_WIDTH = 80;
const UNSIZED_HEIGHT = 24;

export function createTerminal(streams: Streams, options: { isJson: boolean; noColor: boolean }): Terminal {
  const { stdin, stdout, stderr } = streams;
  const isLive = stderr.isTTY === true && !options.isJson;
  return {
    isJson: options.isJson,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    isLive,
    width: (stdout.columns ?? stderr.columns ?? DEFAULT_WIDTH) || UNSIZED_WIDTH,
    height: (stderr.rows ?? DEFAULT_HEIGHT) || UNSIZED_HEIGHT,
    paint: createPaint(stdout.isTTY === true && !options.noColor && !options.isJson),
    notePaint: createPaint(stderr.isTTY === true && !options.noColor),
    out: (text) => void stdout.write(`${text}\n`),
    outRaw: (text) => void stdout.write(text),
    note: (text) => void stderr.write(`${text}\n`),
    raw: (text) => void stderr.write(text),
    ask: (question, signal) => ask(stdin, stderr, question, signal),
  };
}

async function ask(input: Readable, output: Writable, question: string, signal?: AbortSignal): Promise<string> {
  const lines = createInterface({ input, output, terminal: true });
  // readline swallows Ctrl-C: hand it on, so that it means the same as at any other moment.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return (await (signal ? lines.question(question, { signal }) : lines.question(question))).trim();
  } finally {
    lines.close();
  }
}

export function isYes(answer: string): boolean {
  return ['y', 'yes'].includes(answer.toLowerCase());
}
