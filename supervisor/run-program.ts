import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { signalProcess } from '#platform/processes.ts';

const KEPT_OUTPUT = 8000;

export type ProgramResult = { code: number; output: string };
export type ProgramOptions = { cwd?: string; env?: Record<string, string | undefined>; signal?: AbortSignal; timeoutMs?: number };

/** Runs a program to its end. Out: exit code (-1 when it could not be started or was stopped) and the end of what it wrote. */
export function runProgram(command: string, argv: string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  return new Promise((resolve) => {
    // A group of its own, so that stopping it also stops what it started (compilers).
    const child = spawn(command, argv, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const kill = (): void => void (child.pid !== undefined && signalProcess(-child.pid, 'SIGKILL'));
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(kill, options.timeoutMs);
    if (options.signal?.aborted) kill();
    options.signal?.addEventListener('abort', kill, { once: true });
    // The last moment of this process: a build of minutes must not outlive it.
    process.once('exit', kill);
    let output = '';
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-KEPT_OUTPUT));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const done = (code: number): void => {
      clearTimeout(timer);
      process.removeListener('exit', kill);
      options.signal?.removeEventListener('abort', kill);
      resolve({ code, output: output.trim() });
    };
    child.on('error', (error) => {
      output = error.message;
      done(-1);
    });
    child.on('close', (code) => done(code ?? -1));
  });
}

/** Out: the program's full path on PATH, null when it is not there. */
export function findOnPath(name: string, pathList: string | undefined): string | null {
  for (const dir of (pathList ?? '').split(path.delimiter)) {
    if (dir !== '' && isExecutable(path.join(dir, name))) return path.join(dir, name);
  }
  return null;
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
