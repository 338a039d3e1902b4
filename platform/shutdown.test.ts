import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const SHUTDOWN = path.join(import.meta.dirname, 'shutdown.ts');
const started: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process whose shutdown does `body`. Resolves when it says that it listens. */
async function startProgram(body: string, env: Record<string, string> = {}, options = '{}') {
  const code = `
    import { onShutdown } from ${JSON.stringify(SHUTDOWN)};
    const log = { info: () => {}, error: () => {} };
    onShutdown(log, async (reason) => { ${body} }, ${options});
    setInterval(() => {}, 1000);
    console.log('listening');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env: { ...process.env, ...env } });
  started.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exit = once(child, 'exit');
  const until = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  await until('listening');
  return { child, exit, until, output: () => output };
}

describe('shutdown', () => {
  it('runs the function once and exits with 0 on a signal', async () => {
    const { child, exit, output } = await startProgram(`console.log('stopped by ' + reason);`);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(output()).toContain('stopped by SIGTERM');
  });

  it('takes signals that arrive together for one press of Ctrl-C', async () => {
    const body = `console.log('once'); process.kill(process.pid, 'SIGINT'); await new Promise((seen) => process.on('SIGINT', seen));`;
    const { child, exit, output } = await startProgram(body);
    child.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    expect(output().match(/once/g)).toHaveLength(1);
  });

  it('exits at once on a later second signal', async () => {
    const body = `console.log('begun'); setTimeout(() => console.log('later'), 600); await new Promise(() => {});`;
    const { child, exit, until } = await startProgram(body, {}, '{ deadlineMs: 60_000 }');
    child.kill('SIGINT');
    await until('later');
    child.kill('SIGINT');
    expect(await exit).toEqual([130, null]);
  });

  it('exits with 1 when the function fails or does not end', async () => {
    const failing = await startProgram(`throw new Error('no');`);
    failing.child.kill('SIGTERM');
    const slow = await startProgram(`await new Promise(() => {});`, {}, '{ deadlineMs: 50 }');
    slow.child.kill('SIGTERM');
    expect([await failing.exit, await slow.exit]).toEqual([
      [1, null],
      [1, null],
    ]);
  });

  it('ends when the pipe on stdin closes, if the supervisor started it', async () => {
    const { child, exit, output } = await startProgram(`console.log(reason);`, { GIMO_SUPERVISED: '1' });
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
    expect(output()).toContain('the supervisor is gone');
  });
});
