/** The worker of the reference, with the options of GIMO's own (worker/workers.ts). Says `ready` and ends with its parent's pipe. */
import path from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [address = '', namespace = '', taskQueue = ''] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowsPath: path.join(import.meta.dirname, 'workflows.ts'),
  activities: { echo: async (value: number) => value },
  maxConcurrentActivityTaskExecutions: 100,
  stickyQueueScheduleToStartTimeout: '1s',
});
process.stdin.on('end', () => process.exit(0)).resume();
process.stdout.write('ready\n');
await worker.run();
