import { connectGics } from '#gics/client.ts';
import { readConfig } from '#platform/config.ts';
import { addEnvSecrets } from '#platform/env-refs.ts';
import { onShutdown } from '#platform/shutdown.ts';
import { HELP, readArgs, type StartArgs } from './args.ts';
import { sentenceOf } from './refusal.ts';
import { createReporter, type Reporter } from './reporter.ts';
import { Stack } from './stack.ts';

const STOP_DEADLINE_MS = 5000;
const LAUNCHER_POLL_MS = 1000;

const say = (line: string): void => console.log(line);

/**
 * Runs one instance until it is stopped; ends the process itself then (0, or 1 when it could not be kept up).
 * In: the folder that holds the parts, and the command line. Throws: Refusal when the command line is wrong.
 */
export async function runSupervisor(root: string, argv: string[]): Promise<void> {
  const startedAt = performance.now();
  const args = readArgs(argv);
  if (args.isHelp) return say(HELP);
  const reporter = createReporter(args.isJson, say);
  const stack = createStack(root, args, reporter);
  process.on('exit', () => stack.killAll());
  let isStopping = false;
  const stop = onShutdown(
    { info: () => {}, error: () => {} },
    async () => {
      isStopping = true;
      reporter.progress('stopping');
      const beganAt = performance.now();
      await stack.stop();
      reporter.step('stopped', performance.now() - beganAt);
    },
    { deadlineMs: STOP_DEADLINE_MS, isSupervised: false },
  );
  stopWithLauncher(() => stop('the launcher is gone'));
  try {
    reporter.up(await stack.up(), performance.now() - startedAt);
    await stack.failed;
  } catch (error) {
    if (isStopping) return;
    reporter.error(sentenceOf(error));
    process.exitCode = 1;
    await stack.stop();
    process.exit(1);
  }
}

function createStack(root: string, args: StartArgs, reporter: Reporter): Stack {
  const env = { ...process.env, ...args.env };
  addEnvSecrets(env);
  return new Stack({
    root,
    config: readConfig(env),
    env,
    reporter,
    hasLink: args.hasLink,
    connectGics: ({ gicsUrl, gicsToken }) => connectGics(gicsUrl, { token: gicsToken }),
  });
}

/** bin/run.mjs passes signals on, but not its own sudden death. */
function stopWithLauncher(stop: () => void): void {
  const launcher = Number(process.env['GIMO_LAUNCHER_PID']);
  if (process.ppid !== launcher) return;
  setInterval(() => process.ppid !== launcher && stop(), LAUNCHER_POLL_MS).unref();
}
