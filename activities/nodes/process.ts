import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, GimoError } from '#contract/errors.ts';
import type { JsonObject } from '#contract/json.ts';
import { parseJsonBody } from '#contract/parse-body.ts';
import type { ProcessResult } from '../process/run-process.ts';
import { runWorkspace } from '../runs/branch.ts';
import type { Acted } from '../effects/ledger.ts';
import { FREE, type EffectAct, type EffectCall } from './act.ts';
import { runFenced } from './fenced.ts';

/** What of stdout and stderr travels to later nodes; all of it is in the output stream of the node. */
const OUTPUT_CHARS = 64 * 1024;
const MAX_LINES = 20_000;
const SHOWN_CHARS = 500;

export const actProcess: EffectAct<'process'> = async (call) => {
  const workspace = await runWorkspace(call.deps, call.input.run_id, call.approved);
  for (const relative of call.with.write) await makeInside(workspace.tree, relative);
  const result = await runFenced(call, {
    argv: call.with.argv,
    workspace,
    write: call.with.write,
    hosts: call.with.hosts,
    memoryMb: call.with.memory_mb,
    timeoutMs: call.input.timeout_ms,
    signal: call.signal,
    ...(call.with.cwd === undefined ? {} : { cwd: call.with.cwd }),
    ...(call.with.env === undefined ? {} : { env: call.with.env }),
    ...(call.with.stdin === undefined ? {} : { stdin: call.with.stdin }),
  });
  return resultOf(call, result);
};

/** Makes a folder of the workspace. A link on the way could lead anywhere, so it is refused. */
async function makeInside(tree: string, relative: string): Promise<void> {
  let at = tree;
  for (const part of relative.split('/').filter((name) => name !== '' && name !== '.')) {
    at = path.join(at, part);
    await mkdir(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(at)).isSymbolicLink()) continue;
    throw new GimoError('OUTSIDE_ENVELOPE', { message: `${relative} leads through a link.` });
  }
}

function resultOf(call: EffectCall<'process'>, result: ProcessResult): Acted {
  if (result.stopped) return { result: { outcome: 'stopped', processes_left: result.processes_left, ...FREE }, facts: {} };
  if (result.timed_out)
    throw new GimoError('TIMEOUT', { message: `${call.with.argv[0]} took longer than ${call.input.timeout_ms} ms and was ended.` });
  if (result.exit_code === null || !call.with.allow_exit.includes(result.exit_code)) throw failed(call, result);
  return { result: { outcome: 'done', output: outputOf(call, result), ...FREE }, facts: {}, isClean: true };
}

function failed(call: EffectCall<'process'>, result: ProcessResult): GimoError {
  const end = result.exit_code === null ? `was ended by ${result.signal ?? 'a signal'}` : `ended with ${result.exit_code}`;
  const limit = limitText(call, result);
  const text = (result.stderr.trim() === '' ? result.stdout : result.stderr).trim();
  return new GimoError('PROCESS_FAILED', {
    message: `${call.with.argv[0]} ${end}${limit}${text === '' ? '.' : `: ${text.slice(-SHOWN_CHARS)}`}`,
  });
}

function limitText(call: EffectCall<'process'>, { limit_hit: limit }: ProcessResult): string {
  if (limit === 'memory') return ` at its memory limit (${call.with.memory_mb} MB for all of its processes)`;
  return limit === 'processes' ? ' at its limit of processes' : '';
}

function outputOf(call: EffectCall<'process'>, result: ProcessResult): JsonObject {
  const { stdout, stderr, exit_code, duration_ms } = result;
  const isCut = stdout.length > OUTPUT_CHARS || stderr.length > OUTPUT_CHARS;
  const base = {
    exit_code,
    stdout: stdout.slice(0, OUTPUT_CHARS),
    stderr: stderr.slice(0, OUTPUT_CHARS),
    duration_ms,
    truncated: result.truncated || isCut,
  };
  if (call.with.parse === 'lines') return { ...base, lines: lines(stdout) };
  if (call.with.parse === 'json') return { ...base, json: parsed(stdout) };
  return base;
}

function lines(text: string): string[] {
  const found = text.split('\n').filter((line) => line !== '');
  if (found.length > MAX_LINES)
    throw new GimoError('OUTPUT_TOO_LARGE', { message: `It wrote ${found.length} lines; \`parse: lines\` takes ${MAX_LINES}.` });
  return found;
}

function parsed(text: string): ReturnType<typeof parseJsonBody> {
  try {
    return parseJsonBody(text);
  } catch (error) {
    throw new GimoError('PROCESS_FAILED', { message: `What it wrote is not JSON: ${errorMessage(error)}`, cause: error });
  }
}
