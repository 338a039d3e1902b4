/** Started by a test and killed by it: a worker that runs one child. Arguments: fence kind, effect id, limit of processes (0: none), then the argv of the child. */
import { prepareFence } from '#activities/fence/fence-command.ts';
import { probeKind } from '#activities/fence/probe.ts';
import { runProcess } from '#activities/process/run-process.ts';

const [kind = '', effectId = '', limit = '', ...argv] = process.argv.slice(2);
if (kind === 'none') {
  const [file = '', ...args] = argv;
  await runProcess(
    { file, args, env: { PATH: '/usr/bin:/bin' }, effectId },
    { onStart: (started) => void process.stdout.write(JSON.stringify(started)) },
  );
} else {
  const status = await probeKind(kind === 'unshare' ? 'unshare' : 'bubblewrap');
  if (typeof status === 'string') throw new Error(status);
  const paths = { readPaths: [], writePaths: [], coverPaths: [] };
  const command = await prepareFence(status, {
    argv,
    cwd: '/tmp',
    env: {},
    ...paths,
    network: 'none',
    ...(limit === '0' ? {} : { maxProcesses: Number(limit) }),
  });
  await runProcess({ ...command, effectId }, { onStart: (started) => void process.stdout.write(JSON.stringify(started)) });
}
