/** GIMO as `npm start` makes it, behind the same questions as its peers; everything goes through its API. */
import type { Approved, GraphNode, Run } from '#contract/objects.ts';
import { startStack, type Stack } from '#test/helpers/stack.ts';
import { askedRuns } from './gate-runs.ts';
import { chainPlan, fanOutPlan, gatePlan } from './plans.ts';
import { connectBench } from './reference.ts';
import type { Killable, Peer } from './peers/peer.ts';

const ROOM = 10;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export async function startGimo(): Promise<Peer> {
  const stack = await startStack();
  const { client, connection } = await connectBench(stack);
  const known = new Map<string, Approved>();
  const approvedOf = async (name: string, plan: object): Promise<Approved> => {
    const approved = known.get(name) ?? (await stack.admin.approvePlan(plan)).approved;
    known.set(name, approved);
    return approved;
  };
  const start = (approved: Approved): Promise<Run> => stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
  const whole = async (approved: Approved): Promise<number> =>
    timed(async () => client.workflow.getHandle((await start(approved)).id).result());
  return {
    name: 'GIMO',
    durable: 'as `npm start` makes it: a ledger entry for each node, committed with fsync',
    chain: async (length) => whole(await approvedOf(`chain ${length}`, chainPlan(length))),
    fanOut: async (count) => whole(await approvedOf(`fan-out ${count}`, fanOutPlan(count))),
    gates: async (runs) => {
      const approved = await approvedOf('gates', gatePlan());
      await stack.admin.put('/ops/config', { max_concurrent_runs: runs + ROOM });
      return timed(() => askedRuns(stack, client, approved, runs));
    },
    killable: async () => killableOf(stack, async (length) => start(await approvedOf(`chain ${length}`, chainPlan(length)))),
    close: async () => {
      await connection.close();
      await stack.close();
    },
  };
}

/** The ledger has each node once however often it was begun, so nobody can say what was repeated. */
function killableOf(stack: Stack, start: (length: number) => Promise<Run>): Killable {
  let run: Run | null = null;
  const id = (): string => run?.id ?? '';
  return {
    begin: async (length) => void (run = await start(length)),
    steps: async () => {
      const graph = await stack.operator.get<GraphNode[]>(`/ops/runs/${id()}/graph`);
      return graph.flatMap(({ status }, index) => (status === 'done' ? [index] : []));
    },
    kill: async () => {
      const { pid } = stack.instance().parts['worker'] ?? { pid: null };
      await stack.kill('worker');
      await stack.back('worker', pid);
    },
    ended: async () => {
      const { status } = await stack.operator.ended(id(), 120_000);
      if (status !== 'done') throw new Error(`the chain ended ${status}`);
    },
    countsRepeats: false,
  };
}
