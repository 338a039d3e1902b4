/** The argument with which `npm start` has a part wait. */
export const WAIT = '--wait';

/**
 * Waits: for the first line on stdin when this process was started to stand by, else not at all. By then all modules are
 * loaded, which is most of the time that a start takes. When the pipe closes first, the process ends.
 */
export async function untilNeeded(argv: readonly string[] = process.argv): Promise<void> {
  if (!argv.includes(WAIT)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): never => process.exit(0);
  process.stdin.once('data', () => resolve());
  process.stdin.once('end', end).once('error', end);
  await promise;
  process.stdin.off('end', end).off('error', end);
}
