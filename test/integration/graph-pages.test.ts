/** A large run: its graph comes in answers of bounded length, and its workflows begin short, so that a lost worker costs little. */
import type { WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GRAPH_PAGE, type GraphPage } from '#contract/graph-page.ts';
import { RUN_QUERIES } from '#contract/messages.ts';
import type { Gate, GraphNode } from '#contract/objects.ts';
import { workflowTaskMs } from '#contract/segment-size.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

const NODES = 2500;
let stack: Stack;
let access: TemporalAccess;
beforeAll(async () => {
  stack = await startStack();
  access = await connectTo(stack);
}, 400_000);
afterAll(async () => {
  await access.connection.close();
  await stack.close();
});

const nextOf = (headers: Headers): string | null => /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null;

/** Follows the links. Out: the nodes of each answer. */
async function pagesOf(runId: string): Promise<GraphNode[][]> {
  const pages: GraphNode[][] = [];
  for (let path: string | null = `/ops/runs/${runId}/graph`; path !== null;) {
    const { body, headers } = await stack.actions.ask<GraphNode[]>('GET', path);
    pages.push(body);
    path = nextOf(headers);
  }
  return pages;
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Started = NonNullable<History['events']>[number]['workflowExecutionStartedEventAttributes'];

/** Of each workflow that the run has had so far, the last one first: ms that a worker may take for a task. */
async function workflowsOf(runId: string): Promise<number[]> {
  const found: number[] = [];
  for (let before: string | undefined = undefined; ;) {
    const history: History = await access.client.workflow.getHandle(runId, before).fetchHistory();
    const started: Started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    found.push(tsToMs(started?.workflowTaskTimeout));
    if (!started?.continuedExecutionRunId) return found;
    before = started.continuedExecutionRunId;
  }
}

it(
  'in pages that follow one another without gap and repeat, while the run goes on and when it has ended',
  { timeout: 300_000 },
  async () => {
    const ask = { id: 'ask', kind: 'gate', with: { title: 'Go on?' } };
    const values = Array.from({ length: NODES - 1 }, (_, index) => ({ id: `n${index}`, kind: 'value', with: { value: index } }));
    const run = await stack.admin.startPlan({ version: 1, title: 'large', nodes: [ask, ...values] });
    const gate = await stack.operator.openGate(run.id);
    await stack.operator.until(run.id, ({ nodes }) => nodes.done === NODES - 1, 120_000);
    const ids = ['ask', ...values.map(({ id }) => id)];
    const live = await pagesOf(run.id);
    expect(live.map(({ length }) => length)).toEqual([GRAPH_PAGE, GRAPH_PAGE, NODES - 2 * GRAPH_PAGE]);
    expect(live.flat().map(({ id }) => id)).toEqual(ids);
    expect(live.flat().map(({ status }) => status)).toEqual(['waiting', ...values.map(() => 'done')]);

    const workflows = [workflowTaskMs(NODES + 1), workflowTaskMs(0)];
    await until(async () => expect(await workflowsOf(run.id)).toEqual(workflows), { timeout: 30_000 });
    const handle = access.client.workflow.getHandle(run.id);
    const pageFrom = async (from: number): Promise<GraphPage> => handle.query<GraphPage, [number]>(RUN_QUERIES.graph, from);
    // A workflow that has just begun first reads what was handed on to it.
    await until(async () => expect((await pageFrom(0)).total).toBe(NODES), { timeout: 30_000 });
    expect((await pageFrom(0)).nodes).toHaveLength(GRAPH_PAGE);
    expect((await pageFrom(2 * GRAPH_PAGE)).nodes.at(-1)?.id).toBe(ids.at(-1));

    await stack.operator.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    await stack.operator.ended(run.id);
    expect((await pagesOf(run.id)).flat().map(({ id }) => id)).toEqual(ids);
    expect((await stack.actions.ask('GET', `/ops/runs/${run.id}/graph?limit=${GRAPH_PAGE + 1}`)).status).toBe(400);
    const beyond = await stack.actions.ask<GraphNode[]>('GET', `/ops/runs/${run.id}/graph?cursor=${NODES}`);
    expect([beyond.body, nextOf(beyond.headers)]).toEqual([[], null]);
  },
);
