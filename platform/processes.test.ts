import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isSameProcess, processStartTime, signalProcess } from './processes.ts';

describe('process names', () => {
  it('stay the same while the process lives, and name nothing afterwards', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const name = { pid, start_time: processStartTime(pid) ?? '' };
    expect(name.start_time).not.toBe('');
    expect(isSameProcess(name)).toBe(true);
    expect(isSameProcess({ pid, start_time: 'another boot:1' })).toBe(false);
    expect(signalProcess(pid, 'SIGKILL')).toBe(true);
    await once(child, 'exit');
    expect([isSameProcess(name), processStartTime(pid), signalProcess(pid, 'SIGTERM')]).toEqual([false, null, false]);
  });
});
