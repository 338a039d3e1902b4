/** Follows a run to its end: events into the one reducer, progress on stderr, gates asked where a person sits. */
import type { Run } from '#contract/objects.ts';
import { applyEvent, initialRunState, isRunEnded, type RunEvent, type RunState } from '#contract/run-state.ts';
import { isNodeKind } from '#contract/nodes/index.ts';
import type { ApiClient } from './api-client.ts';
import { CliFailure, EXIT } from './failure.ts';
import { GateDesk, type GatePolicy } from './gate-desk.ts';
import { graphOf } from './run-graph.ts';
import { ProgressBoard } from './progress-board.ts';
import { followEvents } from './sse.ts';
import type { Terminal } from './terminal.ts';

export type FollowInput = { client: ApiClient; terminal: Terminal; runId: string; gates: GatePolicy; onEvent?: (event: RunEvent) => void };

/**
 * Waits: until the run has ended; forever if it waits for an answer that nobody gives. Survives restarts of the API.
 * Out: the run at its end. Throws: CliFailure with exit code 130 when Ctrl-C detaches; the run goes on then.
 */
export async function followRun(input: FollowInput): Promise<Run> {
  const { client, terminal, runId } = input;
  const state = await loadState(client, runId);
  const stop = new AbortController();
  const detach = (): void => stop.abort();
  process.on('SIGINT', detach);
  const board = new ProgressBoard(terminal, state);
  const desk = new GateDesk({ client, terminal, policy: input.gates, board, signal: stop.signal });
  try {
    await consume(input, { state, board, desk, signal: stop.signal });
    if (stop.signal.aborted) throw new CliFailure(EXIT.detached, `Detached. The run goes on: gimo watch ${runId}`);
    return (await client.call('runs_get', { params: { id: runId } })).data;
  } finally {
    process.off('SIGINT', detach);
    stop.abort();
    await desk.close();
    board.close();
  }
}

async function loadState(client: ApiClient, runId: string): Promise<RunState> {
  const nodes = await graphOf(client, runId);
  const known = nodes.flatMap(({ id, kind, needs }) => (isNodeKind(kind) ? [{ id, kind, needs }] : []));
  return initialRunState(runId, known);
}

type Follower = { state: RunState; board: ProgressBoard; desk: GateDesk; signal: AbortSignal };

async function consume({ client, runId, onEvent }: FollowInput, { state, board, desk, signal }: Follower): Promise<void> {
  const params = { id: runId };
  const stream = followEvents({
    open: (lastId) => client.send('runs_events', { params, signal, headers: { 'last-event-id': lastId ?? '0' } }),
    signal,
    goesOn: async () => !isRunEnded((await client.call('runs_get', { params, signal })).data.status),
    onDown: () => board.say('The API does not answer. A run goes on while its worker does, or when GIMO is back. Trying again …'),
  });
  for await (const { data } of stream) {
    const event = readRunEvent(data);
    if (event === null) continue;
    applyEvent(state, event);
    onEvent?.(event);
    board.show(event);
    if (event.change?.of === 'node' && event.change.gate_id) desk.open(event.change.gate_id);
    if (isRunEnded(state.status)) return;
  }
}

/** In: the data of one server-sent event. Out: null for what is not an event of the run (heartbeats, notices). */
export function readRunEvent(data: string): RunEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    const isEvent = typeof value === 'object' && value !== null && 'seq' in value && 'text' in value && 'change' in value;
    return isEvent ? (value as RunEvent) : null;
  } catch {
    return null; // not JSON: a notice
  }
}
