import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import threads from 'node:worker_threads';

/** The file that the SDK starts its workflow threads with. */
const SDK_THREAD = 'workflow-worker-thread.js';
const PRELOAD = pathToFileURL(path.join(import.meta.dirname, 'workflow-thread.ts')).href;

/** From now on the SDK's workflow threads start with workflow-thread.ts; it has no option for that. Called once, before a worker is made. */
export function preloadWorkflowThreads(): void {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(file: string | URL, options: threads.WorkerOptions = {}) {
      const isSdk = path.basename(file.toString()) === SDK_THREAD;
      super(file, isSdk ? { ...options, execArgv: [...process.execArgv, '--import', PRELOAD] } : options);
    }
  };
  syncBuiltinESMExports();
}
