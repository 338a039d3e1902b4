import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import threads from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { preloadWorkflowThreads } from './workflow-threads.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-threads-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Says whether a limit of 1 ms ends 50 ms of work in a context, and whether a promise reaches a hook. */
const PROBE = `
const { parentPort } = require('node:worker_threads'), vm = require('node:vm'), v8 = require('node:v8');
let seen = 0, isEnded = false;
v8.promiseHooks.createHook({ init: () => seen++ });
Promise.resolve().then(() => undefined);
const script = new vm.Script('const until = now() + 50; while (now() < until);');
try { script.runInContext(vm.createContext({ now: () => performance.now() }), { timeout: 1 }); } catch { isEnded = true; }
parentPort.postMessage({ isEnded, seen });
`;

async function probe(name: string): Promise<unknown> {
  const file = path.join(dir, name);
  writeFileSync(file, PROBE);
  const thread = new threads.Worker(file);
  const [answer] = (await once(thread, 'message')) as unknown[];
  await thread.terminate();
  return answer;
}

it('threads of the SDK run workflows without watchdog and promise hook, other threads are as they were', async () => {
  preloadWorkflowThreads();
  expect(await probe('workflow-worker-thread.js')).toEqual({ isEnded: false, seen: 0 });
  expect(await probe('another.js')).toEqual({ isEnded: true, seen: expect.any(Number) });
});

it('the SDK still has its threads in a file of that name', () => {
  expect(import.meta.resolve('@temporalio/worker/lib/workflow/workflow-worker-thread.js')).toContain('workflow-worker-thread.js');
});
