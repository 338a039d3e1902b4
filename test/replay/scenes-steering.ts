/** Each verb that a run obeys, and processes that die under it. */
import type { Run } from '#contract/objects.ts';
import { killAndWait } from '../helpers/recovery.ts';
import { ask, noop, shell, type Act, type Tools } from './scene.ts';

const post = (t: Tools, run: Run, verb: string, body?: unknown): Promise<unknown> =>
  t.stack.operator.ask('POST', `/ops/runs/${run.id}/${verb}`, body === undefined ? {} : { body });

export const STEERING_SCENES: Record<string, Act> = {
  'pause-and-resume': async (t) => {
    const run = await t.start([shell('slow', 'sleep 1', [], { write: [] }), noop('after', ['slow'])]);
    await t.shows(run, 'slow', 'running');
    await post(t, run, 'pause');
    await t.shows(run, 'slow', 'done');
    await post(t, run, 'resume');
    return t.end(run);
  },
  priority: async (t) => {
    const run = await t.start([noop('before'), shell('slow', 'sleep 1', ['before'], { write: [] }), noop('after', ['slow'])]);
    await t.shows(run, 'slow', 'running');
    await t.stack.operator.put(`/ops/runs/${run.id}/priority`, { priority: 'high' });
    return t.end(run);
  },
  'pause-that-stops': async (t) => {
    const run = await t.start([
      shell('once', 'sleep 30', [], { write: [] }),
      shell('again', 'sleep 4', [], { write: [], idempotent: true }),
    ]);
    await t.shows(run, 'once', 'running');
    await t.shows(run, 'again', 'running');
    await post(t, run, 'pause', { running: 'stop' });
    const gate = await t.gate(run, 'once');
    await t.answer(gate, 'approve', 'done');
    await post(t, run, 'resume');
    return t.end(run);
  },
  'retry-and-skip': async (t) => {
    const flaky = 'echo try >> out/tries; test $(wc -l < out/tries) -gt 1';
    const nodes = [
      shell('flaky', flaky, [], {}, { on_error: 'continue' }),
      noop('after', ['flaky'], { when: 'nodes.flaky.status == "done"' }),
      { id: 'long', kind: 'wait', with: { ms: 3_600_000 } },
      noop('behind', ['long']),
      shell('patient', 'test -e out/tries', [], {}, { retry: { max_attempts: 3, backoff_ms: 3_600_000 } }),
      ask('open'),
    ];
    const run = await t.start(nodes);
    await t.shows(run, 'after', 'skipped');
    await t.shows(run, 'long', 'running');
    await post(t, run, 'nodes/flaky/retry');
    await post(t, run, 'nodes/long/skip', { reason: 'not wanted' });
    await post(t, run, 'nodes/patient/retry');
    await t.answer(await t.gate(run, 'open'), 'approve');
    return t.end(run);
  },
  stop: async (t) => {
    const run = await t.start([shell('slow', 'sleep 60', [], { write: [] }), ask('open'), noop('after', ['slow'])]);
    await t.gate(run, 'open');
    await t.shows(run, 'slow', 'running');
    await post(t, run, 'cancel');
    return t.end(run);
  },
  'native-cancel': async (t) => {
    const run = await t.start([shell('slow', 'sleep 60', [], { write: [] }), noop('after', ['slow'])]);
    await t.shows(run, 'slow', 'running');
    await t.access.client.workflow.getHandle(run.id).cancel();
    return t.end(run);
  },
  'by-signals': async (t) => {
    const run = await t.start([ask('first'), ask('second', ['first']), noop('after', ['second'])]);
    const first = await t.gate(run, 'first');
    await t.withoutWorker(() => t.answer(first, 'approve'));
    const second = await t.gate(run, 'second');
    await t.access.client.workflow.getHandle(run.id).signal('approve', { forged: true });
    await t.access.client.workflow.getHandle(run.id).signal('pause', { command_id: 'p', by: 'a client', at: run.created_at });
    await t.access.client.workflow.getHandle(run.id).signal('resume', { command_id: 'q', by: 'a client', at: run.created_at });
    await t.answer(second, 'reject');
    return t.end(run);
  },
  queue: async (t) => {
    await t.stack.admin.put('/ops/config', { max_concurrent_runs: 1, local_hosts: [t.host] });
    const first = await t.start([ask('open')]);
    const gate = await t.gate(first, 'open');
    const second = await t.start([noop('a')]);
    const third = await t.start([noop('a')]);
    await post(t, third, 'cancel');
    await t.answer(gate, 'approve');
    const ids = await t.end(first, second, third);
    await t.stack.admin.put('/ops/config', { max_concurrent_runs: 20, local_hosts: [t.host] });
    return ids;
  },
  'worker-killed': async (t) => {
    const nodes = [
      shell('once', 'sleep 3', [], { write: [] }),
      shell('again', 'sleep 3', [], { write: [], idempotent: true }),
      ask('open'),
      noop('after', ['once', 'again', 'open']),
    ];
    const run = await t.start(nodes);
    const open = await t.gate(run, 'open');
    await t.shows(run, 'once', 'running');
    await t.shows(run, 'again', 'running');
    await killAndWait(t.stack, 'worker');
    await t.answer(await t.gate(run, 'once'), 'approve', 'redo');
    await t.answer(open, 'approve');
    return t.end(run);
  },
  'store-killed': async (t) => {
    const run = await t.start([...Array.from({ length: 40 }, (_none, at) => noop(`n${at}`, at === 0 ? [] : [`n${at - 1}`])), ask('open')]);
    const open = await t.gate(run, 'open');
    await killAndWait(t.stack, 'gics');
    await t.answer(open, 'approve');
    return t.end(run);
  },
};
