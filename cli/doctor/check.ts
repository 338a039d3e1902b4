/** One thing that the doctor looked at, and what the whole means for the exit code. */
import { EXIT, type ExitCode } from '../failure.ts';

export type Verdict = 'ok' | 'warning' | 'failed';
/** `hint`: what to do; empty when nothing is to be done. `exit`: the class of the failure. */
export type Check = { name: string; verdict: Verdict; detail: string; hint: string; exit: ExitCode };

export const passed = (name: string, detail: string): Check => ({ name, verdict: 'ok', detail, hint: '', exit: EXIT.ok });

export const warned = (name: string, detail: string, hint: string): Check => ({ name, verdict: 'warning', detail, hint, exit: EXIT.ok });

export const failed = (name: string, detail: string, hint: string, exit: ExitCode = EXIT.failed): Check => ({
  name,
  verdict: 'failed',
  detail,
  hint,
  exit,
});

/** The class of the first failure: what comes first is the cause of what comes after. */
export function exitOf(checks: readonly Check[]): ExitCode {
  return checks.find(({ verdict }) => verdict === 'failed')?.exit ?? EXIT.ok;
}
