/** The steps of a check run: each prints its name, time and result; failures show their output and do not stop the rest. */
import { spawn } from 'node:child_process';
import { errorMessage } from '#contract/errors.ts';

/** A long step says that it still runs. */
const ALIVE_EVERY_MS = 15_000;

export type Counts = { passed: number; failed: number };
export type StepResult = Counts & { output: string };

export class CountedSteps {
  readonly total: Counts = { passed: 0, failed: 0 };
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** A step that throws counts as one failure. */
  async run(name: string, work: () => Promise<StepResult>): Promise<boolean> {
    const startedAt = performance.now();
    const time = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    const alive = setInterval(() => this.#write(`… ${name} ${time()}`), ALIVE_EVERY_MS);
    const result = await work().catch((error: unknown) => ({ passed: 0, failed: 1, output: failureText(error) }));
    clearInterval(alive);
    const isGood = result.failed === 0;
    if (!isGood) this.#write(result.output.trimEnd());
    const counted = result.passed + result.failed === 1 ? '' : `, ${result.passed} passed, ${result.failed} failed`;
    this.#write(`${isGood ? '✓' : '✗'} ${name} ${time()}${counted}`);
    this.total.passed += result.passed;
    this.total.failed += result.failed;
    return isGood;
  }
}

function failureText(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `\n${error.cause.message}` : '';
  return `${errorMessage(error)}${cause}`;
}

/** Runs a Node program as one step that passes with exit code 0. In: what follows `node`. */
export async function nodeStep(cwd: string, argv: string[]): Promise<StepResult> {
  const { code, output } = await runNode(cwd, argv);
  return code === 0 ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output };
}

/** Out: exit code (-1 after a signal) and all output. The child shares our process group, so Ctrl-C ends it too. */
export function runNode(cwd: string, argv: string[], onOutput?: (text: string) => void): Promise<{ code: number; output: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; output: string }>();
  const child = spawn(process.execPath, argv, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      chunks.push(text);
      onOutput?.(text);
    });
  }
  child.on('error', reject);
  child.on('close', (code) => resolve({ code: code ?? -1, output: chunks.join('') }));
  return promise;
}
