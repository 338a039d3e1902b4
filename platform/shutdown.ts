import { isSupervised } from './config.ts';
import type { Logger } from './log.ts';

/** One press of Ctrl-C arrives more than once: from the terminal, from npm, from bin/run.mjs. */
const SAME_PRESS_MS = 500;
const FORCED_EXIT_CODE = 130;

export type ShutdownOptions = {
  /** After this time the process exits although `fn` has not finished. */
  deadlineMs?: number;
  /** Started by `npm start`: also ends when the pipe on stdin closes, that is when the supervisor is gone. */
  isSupervised?: boolean;
};

/**
 * The one way in which api, worker and gics end: on SIGTERM, SIGINT, SIGHUP or when the supervisor is gone, `fn` runs
 * once and the process exits (0, or 1 when `fn` failed or was too slow). A second signal exits at once.
 * Out: `stop(reason)`, which begins the same by hand.
 */
export function onShutdown(
  log: Pick<Logger, 'info' | 'error'>,
  fn: (reason: string) => Promise<void>,
  options: ShutdownOptions = {},
): (reason: string) => void {
  const { deadlineMs = 4000 } = options;
  let beganAt: number | null = null;
  const stop = (reason: string): void => {
    if (beganAt !== null) {
      if (performance.now() - beganAt > SAME_PRESS_MS) process.exit(FORCED_EXIT_CODE);
      return;
    }
    beganAt = performance.now();
    log.info({ reason }, 'stopping');
    setTimeout(() => {
      log.error({ deadline_ms: deadlineMs }, 'did not stop in time');
      process.exit(1);
    }, deadlineMs).unref();
    fn(reason).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'failed while stopping');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  if (options.isSupervised ?? isSupervised()) watchStdin(() => beganAt === null && stop('the supervisor is gone'));
  return stop;
}

function watchStdin(onClosed: () => void): void {
  process.stdin.on('end', onClosed).on('error', onClosed).on('close', onClosed);
  process.stdin.resume();
}
