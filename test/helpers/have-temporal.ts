/**
 * A fresh machine's download or build of Temporal, minutes of it, before anything with a time limit needs it: the projects with servers
 * name this file as their global setup, `npm test` shows it as a step, and a benchmark's stack begins with it.
 */
import { findTemporal } from '#supervisor/temporal-binary.ts';

/** Waits: up to minutes the first time. Throws: a sentence that says what to install. */
export async function setup(): Promise<void> {
  const progress = (text: string): boolean => process.stdout.write(`… ${text}\n`);
  await findTemporal({ env: process.env, progress, signal: new AbortController().signal });
}
