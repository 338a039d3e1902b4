/**
 * How much of a run one workflow holds, and how long a worker may take for one task of it. A worker that takes up a run replays the
 * whole history of its workflow and must get to its end in that time; and a worker that is lost in the middle of a task holds the
 * run back for just as long. So a workflow begins short, and may get as long again as all of the run before it: what is handed on
 * stays in proportion to what was done, and a run that has done little loses little.
 */
const FIRST_ENTRIES = 1000;
const MOST_ENTRIES = 32_000;
const ENTRIES_PER_NODE = 2;

const TASK_MS = 2000;
/** A replay takes 0.3 ms for each log entry on a slow machine; many runs may be replayed at once, and share it. */
const TASK_MS_PER_ENTRY = 2.5;

/** In: how many entries the log of the run has when the workflow begins. Out: how many more it may get before the next one goes on. */
export function segmentEntries(before: number): number {
  return Math.min(MOST_ENTRIES, Math.max(FIRST_ENTRIES, before));
}

/** Milliseconds, for a workflow that begins with so many entries. */
export function workflowTaskMs(before: number): number {
  return Math.ceil(TASK_MS + TASK_MS_PER_ENTRY * segmentEntries(before));
}

/** `staysInOne`: its children end with its workflow, as those of a delegation do, so it does not go on in another one. */
export type FirstWorkflow = { maxNodes: number; staysInOne: boolean };

/** Milliseconds, for the first workflow of a run that may get no more than so many nodes. */
export function firstWorkflowTaskMs({ maxNodes, staysInOne }: FirstWorkflow): number {
  return Math.ceil(TASK_MS + TASK_MS_PER_ENTRY * Math.min(staysInOne ? MOST_ENTRIES : FIRST_ENTRIES, ENTRIES_PER_NODE * maxNodes));
}

/** An agent may have others do a part of its task. */
const DELEGATING = new Set(['delegate', 'agent']);

export function mayDelegate({ kinds }: { kinds: readonly string[] }): boolean {
  return kinds.some((kind) => DELEGATING.has(kind));
}
