import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { startTimeOf } from '../process/process-table.ts';
import { killLeftProcesses, recordProcess } from './processes.ts';

let store: TestGics;
let child: ChildProcess;
beforeAll(async () => {
  store = await startGics();
  child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
});
afterAll(async () => {
  child.kill('SIGKILL');
  await store.close();
});

it('ends what an earlier worker left running, and says nothing of what had ended before', async () => {
  const record = { worker: 'before', pid: child.pid ?? 0, start_time: startTimeOf(child.pid ?? 0) ?? '', effect_id: 'process-left' };
  await recordProcess(store.gics, 'left', record);
  await recordProcess(store.gics, 'own', { ...record, worker: 'now' });
  const ended = once(child, 'exit');
  expect(await killLeftProcesses(store.gics, 'now')).toBe(1);
  expect((await ended)[1]).toBe('SIGKILL');
  await recordProcess(store.gics, 'left', record);
  expect(await killLeftProcesses(store.gics, 'now')).toBe(0);
  expect((await store.gics.list('processes')).records.map(({ id }) => id)).toEqual(['own']);
});
