/** Waits for a run inside one call, and tells a client that asked for it how far the run is. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '#contract/objects.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { ToolCall } from './tool.ts';

/** Clients give up after a minute unless they are told otherwise. */
export const MAX_WAIT_S = 50;
const POLL_MS = 250;

function needsNobody(run: Run): boolean {
  return !isRunEnded(run.status) && !run.waiting && !run.paused;
}

/** Out: the run when it ends, waits for a person, is paused, or after `waitS` seconds. Ends early with the caller's signal. */
export async function followRun(call: ToolCall, runId: string, waitS: number): Promise<Run> {
  const { signal } = call.ctx.mcpReq;
  const deadline = Date.now() + waitS * 1000;
  let told = -1;
  for (;;) {
    const { data: run } = await call.backend.call('runs_get', { params: { id: runId }, signal });
    told = await tell(call, run, told);
    if (!needsNobody(run) || Date.now() >= deadline) return run;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Progress must only ever grow. Out: what was told last. */
async function tell({ ctx }: ToolCall, run: Run, told: number): Promise<number> {
  const token = ctx.mcpReq._meta?.progressToken;
  const progress = run.nodes.done + run.nodes.skipped + run.nodes.error;
  if (token === undefined || progress <= told) return told;
  const message = `${run.title}: ${run.status}, ${progress} of ${run.nodes.total} nodes`;
  await ctx.mcpReq.notify({
    method: 'notifications/progress',
    params: { progressToken: token, progress, total: run.nodes.total, message },
  });
  return progress;
}
