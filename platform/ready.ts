import { flushCompileCache } from 'node:module';
import type { Logger } from './log.ts';

/**
 * Says that this part is ready, which the supervisor waits for. What Node compiled so far is kept now and not at the end,
 * because the next start after a kill is the one that has to be fast.
 */
export function sayReady(log: Pick<Logger, 'info'>, fields: Record<string, unknown>, sentence: string): void {
  log.info({ ready: true, ...fields }, sentence);
  flushCompileCache();
}
