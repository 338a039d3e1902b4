import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validatePlan } from '#contract/plan-check.ts';
import type { Plan } from '#contract/plan.ts';
import { interpreter, needsOf, type Interpreter } from './test-interpreter.ts';

const plan = (...nodes: object[]): Plan => validatePlan({ version: 1, title: 'T', inputs: { ok: { open: true } }, nodes });
const value = (id: string, needs: string[] = [], more: object = {}): object => ({ id, kind: 'value', needs, with: { value: id }, ...more });
/** Fails while the input is not true or false. */
const check = (id: string, more: object = {}): object => ({
  id,
  kind: 'condition',
  on_error: 'continue',
  with: { if: 'inputs.ok' },
  ...more,
});
const gate = (id: string, needs: string[] = []): object => ({ id, kind: 'gate', needs, with: { title: 'Go on?' } });

function statuses({ state }: Interpreter): Record<string, string> {
  return Object.fromEntries(Object.values(state.nodes).map((node) => [node.id, node.status]));
}

/** Lets everything that can go on do so. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function started(run: Interpreter): Promise<Interpreter> {
  void run.start();
  await settled();
  return run;
}

const dags = fc.integer({ min: 1, max: 25 }).chain((count) =>
  fc.array(fc.record({ needs: fc.subarray(Array.from({ length: count }, (_, index) => index)), isChosen: fc.boolean() }), {
    minLength: count,
    maxLength: count,
  }),
);

describe('a retry', () => {
  it('is a new attempt, and what was skipped in consequence runs after all', async () => {
    const nodes = [check('a'), value('b', ['a'], { when: 'nodes.a.status == "done"' }), value('c', ['b']), gate('open')];
    const run = await started(interpreter(plan(...nodes), { ok: 1 }));
    expect(statuses(run)).toEqual({ a: 'error', b: 'skipped', c: 'skipped', open: 'waiting' });
    run.inputs['ok'] = true;
    expect(run.command('retry', 'a')).toBeNull();
    await settled();
    expect(statuses(run)).toEqual({ a: 'done', b: 'done', c: 'done', open: 'waiting' });
    expect(run.state.nodes['a']).toMatchObject({ attempt_count: 2, error: null });
    expect(run.state.nodes['b']).toMatchObject({ reason: null });
    expect(run.command('retry', 'a')).toBe('it has ended: done');
  });

  it('ends any run in which every failed node is tried again like one in which none failed', async () => {
    await fc.assert(
      fc.asyncProperty(dags, async (dag) => {
        const nodes = dag.map(({ needs, isChosen }, index) => {
          const before = needsOf(needs, index);
          const when = before.map((id) => `nodes.${id}.status == "done"`).join(' && ') || 'true';
          return isChosen ? check(`n${index}`, { needs: before, when }) : value(`n${index}`, before, { when });
        });
        const run = await started(interpreter(plan(...nodes, gate('open')), { ok: 1 }));
        run.inputs['ok'] = true;
        for (const failed of Object.values(run.state.nodes).filter((node) => node.status === 'error')) {
          expect(run.command('retry', failed.id)).toBeNull();
          await settled();
        }
        const { open, ...others } = statuses(run);
        expect(open).toBe('waiting');
        expect(new Set(Object.values(others))).toEqual(new Set(['done']));
      }),
      { numRuns: 100 },
    );
  });

  it('is refused once a node that needs it has gone on with its failure, and changes nothing then', async () => {
    const run = await started(interpreter(plan(check('a'), value('b', ['a']), gate('open')), { ok: 1 }));
    expect(statuses(run)).toEqual({ a: 'error', b: 'done', open: 'waiting' });
    const { seq } = run.state;
    expect(run.command('retry', 'a')).toMatch(/^b, which needs it, has gone on/);
    expect(run.command('skip', 'a')).toMatch(/^b, which needs it, has gone on/);
    expect(run.state.seq).toBe(seq);
  });

  it('comes in time while a pause holds what needs the node', async () => {
    const run = interpreter(plan(check('a'), value('b', ['a'], { when: 'nodes.a.output' }), gate('open')), { ok: 1 });
    void run.start();
    run.run.pause();
    await settled();
    expect(statuses(run)).toEqual({ a: 'error', b: 'pending', open: 'waiting' });
    run.inputs['ok'] = true;
    expect(run.command('retry', 'a')).toBeNull();
    run.run.resume();
    await settled();
    expect(statuses(run)).toEqual({ a: 'done', b: 'done', open: 'waiting' });
  });

  it('is refused for a node that runs, waits for an answer, has not begun or does not exist', async () => {
    const run = await started(interpreter(plan(gate('ask'), value('late', ['ask'])), {}));
    expect(run.command('retry', 'ask')).toMatch(/waits for an answer/);
    expect(run.command('retry', 'late')).toBe('it has not failed');
    expect(run.command('retry', 'ghost')).toBe('the run has no node `ghost`');
    expect(run.command('retry', 'm[0].ghost')).toMatch(/has ended, or has not begun/);
  });

  it('heals the item of a map while others of its nodes still work: what its failure left out runs', async () => {
    const body = [check('a', { on_error: 'fail' }), value('b', ['a']), gate('slow')];
    const nodes = [{ id: 'm', kind: 'map', with: { over: [1], on_item_error: 'collect', nodes: body } }];
    const run = await started(interpreter(plan(...nodes), { ok: 1 }));
    expect(statuses(run)).toMatchObject({ 'm[0].a': 'error', 'm[0].b': 'skipped', 'm[0].slow': 'waiting' });
    run.inputs['ok'] = false;
    expect(run.command('retry', 'm[0].a')).toBeNull();
    await settled();
    expect(statuses(run)).toMatchObject({ 'm[0].a': 'done', 'm[0].b': 'done', m: 'running' });
  });
});

describe('leaving out', () => {
  it('skips what needs the node too, and nothing else, whatever the plan', async () => {
    await fc.assert(
      fc.asyncProperty(dags, async (dag) => {
        const run = interpreter(plan(...dag.map(({ needs }, index) => value(`n${index}`, needsOf(needs, index)))));
        run.run.pause();
        const ended = run.start();
        await settled();
        const left = new Set(dag.flatMap(({ isChosen }, index) => (isChosen ? [`n${index}`] : [])));
        for (const id of left) run.command('skip', id);
        run.run.resume();
        expect(await ended).toBeNull();
        for (const { id, needs, status } of Object.values(run.state.nodes)) {
          const isSkipped = left.has(id) || needs.some((need) => run.state.nodes[need]?.status === 'skipped');
          expect([id, status]).toEqual([id, isSkipped ? 'skipped' : 'done']);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('says who did it and why, and a join that waits for all goes on without the node', async () => {
    const nodes = [value('a'), value('b'), { id: 'all', kind: 'join', needs: ['a', 'b'] }, value('end', ['all'])];
    const run = interpreter(plan(...nodes));
    run.run.pause();
    await started(run);
    expect(run.command('skip', 'b')).toBeNull();
    run.run.resume();
    await settled();
    expect(statuses(run)).toEqual({ a: 'done', b: 'skipped', all: 'done', end: 'done' });
    expect(run.state.nodes['b']).toMatchObject({
      reason: 'left out by operator:0123456789ab: not wanted',
      skipped_by: 'operator:0123456789ab',
    });
  });

  it('takes the failure of an item away: the rest of it goes on', async () => {
    const body = [check('a', { on_error: 'fail' }), value('b', ['a']), gate('slow'), value('c', ['slow'])];
    const nodes = [{ id: 'm', kind: 'map', with: { over: [1], on_item_error: 'collect', nodes: body } }];
    const run = await started(interpreter(plan(...nodes), { ok: 1 }));
    expect(run.command('skip', 'm[0].a')).toBeNull();
    await settled();
    expect(statuses(run)).toEqual({ m: 'running', 'm[0].a': 'skipped', 'm[0].b': 'skipped', 'm[0].slow': 'waiting' });
  });

  it('still holds when the container of the node is done once more', async () => {
    const body = [gate('slow'), check('a', { on_error: 'fail' }), value('x', ['slow'])];
    const nodes = [{ id: 'm', kind: 'map', on_error: 'continue', with: { over: [1], nodes: body } }, gate('open')];
    const run = await started(interpreter(plan(...nodes), { ok: 1 }));
    expect(run.command('skip', 'm[0].x')).toBeNull();
    run.answer('m[0].slow');
    await settled();
    expect(statuses(run)).toMatchObject({ m: 'error', 'm[0].x': 'skipped' });
    run.inputs['ok'] = true;
    expect(run.command('retry', 'm')).toBeNull();
    await settled();
    run.answer('m[0].slow');
    await settled();
    expect(statuses(run)).toMatchObject({ m: 'done', 'm[0].a': 'done', 'm[0].x': 'skipped' });
  });

  it('never goes round a gate, open or not, and never takes back what is done', async () => {
    const run = await started(interpreter(plan(value('a'), gate('ask', ['a']), gate('later', ['ask']))));
    expect(run.command('skip', 'ask')).toMatch(/waits for an answer/);
    expect(run.command('skip', 'later')).toBe('a gate is answered and not left out');
    expect(run.command('skip', 'a')).toBe('it has ended: done');
  });
});
