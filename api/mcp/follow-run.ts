/** Waits for a run inside one call, and tells a client that asked for it how far the run is. */
import { setTimeout as delay } from 'node:timers/promises';
import { nodesOver, runNodesText } from '#contract/node-figures.ts';
import type { Run } from '#contract/objects.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { ToolCall } from './tool.ts';

/** Clients give up after a minute unless they are told otherwise. */
export const MAX_WAIT_S = 50;
const POLL_MS = 250;

async function needsNobody({ backend, ctx }: ToolCall, run: Run): Promise<boolean> {
  if (isRunEnded(run.status) || run.paused) return false;
  if (!run.waiting) return true;
  // A run says that it waits a moment before its question is there to be shown.
  const { data } = await backend.call('gates_list', { query: { run_id: run.id, status: 'open' }, signal: ctx.mcpReq.signal });
  return data.length === 0;
}

/** Out: the run when it ends, waits for a person, is paused, or after `waitS` seconds. Ends early with the caller's signal. */
export async function followRun(call: ToolCall, runId: string, waitS: number): Promise<Run> {
  const { signal } = call.ctx.mcpReq;
  const deadline = Date.now() + waitS * 1000;
  let told = -1;
  for (;;) {
    const { data: run } = await call.backend.call('runs_get', { params: { id: runId }, signal });
    told = await tell(call, run, told);
    if (Date.now() >= deadline || !(await needsNobody(call, run))) return run;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Progress must only ever grow. Out: what was told last. */
async function tell({ ctx }: ToolCall, run: Run, told: number): Promise<number> {
  const token = ctx.mcpReq._meta?.progressToken;
  const progress = nodesOver(run.nodes);
  if (token === undefined || progress <= told) return told;
  const message = `${run.title}: ${run.status}, ${runNodesText(run.nodes)}`;
  await ctx.mcpReq.notify({
    method: 'notifications/progress',
    params: { progressToken: token, progress, total: run.nodes.total, message },
  });
  return progress;
}
