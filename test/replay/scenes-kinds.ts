/** Each node kind, done with and without short effects. */
import type { Draft, Run } from '#contract/objects.ts';
import { ask, noop, shell, value, type Act } from './scene.ts';

/** Fails the first time, succeeds after that. */
const FLAKY = 'echo try >> out/tries; test $(wc -l < out/tries) -gt 1';

export const KIND_SCENES: Record<string, Act> = {
  control: async (t) => {
    const nodes = [
      value('n', 2),
      { id: 'twice', kind: 'transform', needs: ['n'], with: { expr: 'nodes.n.output * 2' } },
      { id: 'big', kind: 'condition', needs: ['twice'], with: { if: 'nodes.twice.output > 3' } },
      noop('never', ['big'], { when: 'nodes.big.output == false' }),
      { id: 'any', kind: 'join', needs: ['never', 'big'], with: { mode: 'any' } },
      { id: 'nap', kind: 'wait', needs: ['any'], with: { ms: 30 } },
      noop('last', ['nap']),
    ];
    return t.end(await t.start(nodes, { outputs: { big: 'nodes.big.output' } }));
  },
  'fan-out': async (t) => {
    const ids = Array.from({ length: 30 }, (_none, index) => `n${index}`);
    return t.end(await t.start([...ids.map((id) => noop(id)), noop('all', ids), noop('after', ['all'])]));
  },
  chain: async (t) => t.end(await t.start(Array.from({ length: 12 }, (_none, at) => noop(`n${at}`, at === 0 ? [] : [`n${at - 1}`])))),
  map: async (t) => {
    const body = [noop('a'), { id: 'b', kind: 'transform', needs: ['a'], with: { expr: 'item * index' } }];
    const divides = (id: string): object[] => [{ id, kind: 'transform', with: { expr: '10 / item' } }];
    const nodes = [
      { id: 'each', kind: 'map', with: { over: [1, 2, 3, 4, 5], concurrency: 2, nodes: body } },
      { id: 'some', kind: 'map', needs: ['each'], with: { over: [1, 0], on_item_error: 'collect', nodes: divides('c') } },
      { id: 'fails', kind: 'map', needs: ['each'], on_error: 'continue', with: { over: [0, 1], concurrency: 1, nodes: divides('d') } },
    ];
    return t.end(await t.start(nodes));
  },
  loop: async (t) => {
    const body = [noop('step'), { id: 'next', kind: 'transform', needs: ['step'], with: { expr: 'index + 1' } }];
    const nodes = [
      { id: 'few', kind: 'loop', with: { while: 'last == null || last < 3', max: 9, nodes: body } },
      { id: 'all', kind: 'loop', needs: ['few'], with: { max: 2, nodes: [noop('same')] } },
    ];
    return t.end(await t.start(nodes));
  },
  subplan: async (t) => {
    const written = { nodes: [noop('x'), noop('y', ['x'])], reason: 'to show it' };
    const grows = { id: 's', kind: 'subplan', needs: ['written'], with: { from: 'nodes.written.output' } };
    return t.end(await t.start([value('written', written), grows], { envelope: { kinds: ['noop', 'subplan', 'value'], max_nodes: 9 } }));
  },
  'subplan-delta': async (t) => {
    const written = [{ id: 'list', kind: 'process', with: { argv: ['git', 'ls-files'], idempotent: true } }];
    const grows = (on: string): object => ({
      id: 's',
      kind: 'subplan',
      needs: ['written'],
      with: { from: 'nodes.written.output' },
      on_error: on,
    });
    const granted = await t.start([value('written', written), grows('fail')]);
    await t.answer(await t.gate(granted, 's'), 'approve');
    const refused = await t.start([value('written', written), grows('continue')]);
    await t.answer(await t.gate(refused, 's'), 'reject');
    return t.end(granted, refused);
  },
  'subplan-around': async (t) => {
    const written = [
      { id: 'list', kind: 'process', with: { argv: ['git', 'ls-files'], env: { LC_ALL: 'C' }, cwd: '.', stdin: 'x', idempotent: true } },
    ];
    const nodes = [
      value('written', written),
      { id: 's', kind: 'subplan', needs: ['written'], with: { from: 'nodes.written.output' } },
      { id: 'own', kind: 'process', with: { argv: ['git', 'ls-files'], env: { LC_ALL: 'C' }, idempotent: true } },
    ];
    const run = await t.start(nodes, { envelope: { commands: [['git', '**']], max_nodes: 9 } });
    await t.answer(await t.gate(run, 's'), 'approve');
    return t.end(run);
  },
  /** Asked before such a command was a finding of its own: the gate is known by what it was asked with. */
  'subplan-delta-danger': async (t) => {
    const written = [{ id: 'clean', kind: 'process', with: { argv: ['rm', '-rf', 'nothing_there'], idempotent: true } }];
    const run = await t.start([
      value('written', written),
      { id: 's', kind: 'subplan', needs: ['written'], with: { from: 'nodes.written.output' } },
    ]);
    await t.answer(await t.gate(run, 's'), 'approve');
    return t.end(run);
  },
  'process-and-patch': async (t) => {
    const files = [{ path: 'reports/a.md', content: 'a\n' }];
    const nodes = [
      shell('flaky', FLAKY, [], {}, { retry: { max_attempts: 2, backoff_ms: 50 } }),
      shell('fails', 'false', [], { write: [] }, { on_error: 'continue' }),
      shell('slow', 'sleep 20', [], { write: [] }, { timeout_ms: 1000, on_error: 'continue' }),
      { id: 'change', kind: 'patch', needs: ['flaky'], with: { files } },
      shell('reads', 'cat reports/a.md', ['change'], { write: [], idempotent: true }),
    ];
    return t.end(await t.start(nodes));
  },
  'http-and-notify': async (t) => {
    const nodes = [
      { id: 'get', kind: 'http', with: { url: `http://${t.host}/a` } },
      { id: 'post', kind: 'http', needs: ['get'], with: { url: `http://${t.host}/b`, method: 'POST', body: { n: 1 } } },
      { id: 'tell', kind: 'notify', needs: ['post'], with: { webhook: 'team', text: 'done' } },
    ];
    return t.end(await t.start(nodes));
  },
  llm: async (t) => t.end(await t.start([{ id: 'answer', kind: 'llm', with: { prompt: 'Say hello' } }])),
  gates: async (t) => {
    const nodes = [
      ask('yes'),
      ask('no', [], { on_error: 'continue' }),
      ask('late', [], { timeout_ms: 1500, on_error: 'continue' }),
      noop('after', ['yes', 'no', 'late']),
    ];
    const run = await t.start(nodes);
    await t.answer(await t.gate(run, 'yes'), 'approve');
    await t.answer(await t.gate(run, 'no'), 'reject');
    return t.end(run);
  },
  'gate-beside-a-failure': async (t) => {
    const nodes = [ask('open'), { id: 'bad', kind: 'transform', with: { expr: '1 / 0' } }];
    return t.end(await t.start(nodes));
  },
  'failure-gate': async (t) => {
    const nodes = [
      shell('again', FLAKY, [], {}, { on_error: 'gate' }),
      shell('anyway', 'false', ['again'], { write: [] }, { on_error: 'gate' }),
      shell('enough', 'false', ['again'], { write: [] }, { on_error: 'gate' }),
    ];
    const run = await t.start(nodes);
    await t.answer(await t.gate(run, 'again'), 'approve', 'redo');
    await t.answer(await t.gate(run, 'anyway'), 'approve', 'continue');
    await t.answer(await t.gate(run, 'enough'), 'reject');
    return t.end(run);
  },
  compensation: async (t) => {
    const undo = { kind: 'process', with: { argv: ['true'], idempotent: true } };
    const nodes = [noop('a', [], { compensate: undo }), shell('b', 'false', ['a'], { write: [] }, { on_error: 'compensate' })];
    return t.end(await t.start(nodes));
  },
  fork: async (t) => {
    const nodes = [noop('a'), shell('b', 'false', ['a'], { write: [] })];
    const source = await t.start(nodes, { policy: { max_runs: 2 } });
    await t.end(source);
    const fork = await t.stack.operator.post<Run>(`/ops/runs/${source.id}/fork`, { from_node: 'b' }, 201);
    return t.end(source, fork);
  },
  refused: async (t) => {
    const { approved } = await t.stack.admin.approvePlan({ version: 1, title: 'Changed', nodes: [noop('a')] });
    const plan = { ...approved.plan, title: 'Changed behind its back' };
    await t.stack.gics.txn([
      { op: 'put', collection: 'approved', id: approved.id, value: JSON.parse(JSON.stringify({ ...approved, plan })) },
    ]);
    return t.end(await t.stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201));
  },
  'other-workflows': async (t) => {
    await t.stack.admin.post<Draft>('/ops/generate', { prompt: 'Say hello' }, 201);
    await t.stack.admin.get('/ops/provider/health');
    const { client } = t.access;
    await client.schedule.getHandle('gimo-maintenance').trigger();
    const kinds = ['generatePlan', 'checkProvider', 'maintenance'];
    const ids = new Map<string, string>();
    while (ids.size < kinds.length)
      for await (const { type, workflowId, status } of client.workflow.list())
        if (kinds.includes(type) && status.name === 'COMPLETED') ids.set(type, workflowId);
    return [...ids.values()];
  },
};
