import { pino, type Logger } from 'pino';
import { redact } from './redact.ts';

export type { Logger };

/**
 * One logger per process, JSON lines on stdout (the supervisor rotates them). Object first, sentence second.
 * Every line passes `redact` as text, so that a known secret cannot leave in any field.
 */
export function createLogger(part: string, level: string): Logger {
  return pino(
    { level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => void process.stdout.write(redact(line)) },
  );
}
