/** Many runs of five nodes with one question each, all live at once: ours, answered through the API, and by hand. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Approved, Gate, Run } from '#contract/objects.ts';
import type { Stack } from '#test/helpers/stack.ts';
import type { runGraph } from '#workflows/index.ts';
import { QUEUE } from './reference.ts';

const LANES = 16;
/** Who has answered all that there is looks again after this. */
const LOOK_MS = 20;

/** Does it for each, so many at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Waits: until every run has ended. */
export async function askedRuns(stack: Stack, client: Client, approved: Approved, runs: number): Promise<void> {
  const ends: Promise<void>[] = [];
  let fault: Error | null = null;
  const started = inLanes(numbers(runs), async () => {
    const { id } = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    const ended = async (): Promise<void> => {
      const { status, error } = await client.workflow.getHandle<typeof runGraph>(id).result();
      if (status !== 'done') fault = new Error(`a run ended ${status}: ${error?.message}`);
    };
    ends.push(ended());
  });
  const answered = new Set<string>();
  while (answered.size < runs) {
    const gates = await stack.operator.get<Gate[]>('/ops/gates?status=open&limit=200');
    const fresh = gates.filter(({ id }) => !answered.has(id));
    if (fault) throw fault;
    if (fresh.length === 0) await delay(LOOK_MS);
    await inLanes(fresh, async ({ id, hash }) => {
      await answer(stack, id, hash);
      answered.add(id);
    });
  }
  await started;
  await Promise.all(ends);
  if (fault) throw fault;
}

/** 202: stored, and delivered a little later. */
async function answer(stack: Stack, id: string, hash: string): Promise<void> {
  const { status } = await stack.operator.ask('POST', `/ops/gates/${id}/approve`, { body: { hash } });
  if (status !== 200 && status !== 202) throw new Error(`an answer was refused: ${status}`);
}

/** The same by hand. Each is signalled as soon as it is started, so it never waits for its answer. */
export async function signalledRuns(client: Client, runs: number): Promise<void> {
  const handles: { result: () => Promise<unknown> }[] = [];
  await inLanes(numbers(runs), async () => {
    const handle = await client.workflow.start('gated', { taskQueue: QUEUE, workflowId: `gated-${crypto.randomUUID()}`, args: [4] });
    handles.push(handle);
    await handle.signal('answer');
  });
  await Promise.all(handles.map((handle) => handle.result()));
}
