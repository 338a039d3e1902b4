/** Live progress of a run: pure functions from its state to lines. */
import { runNodesText } from '#contract/node-figures.ts';
import { countsOf, isNodeEnded, type NodeState, type NodeStatus, type RunEvent, type RunState } from '#contract/run-state.ts';
import { fit } from './table.ts';
import { printable, type Paint } from './terminal.ts';

export type ProgressFrame = { nowMs: number; width: number; height: number; tick: number; paint: Paint };

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const MARKS: Record<NodeStatus, string> = {
  pending: '·',
  ready: '·',
  running: '▸',
  waiting: '?',
  done: '✓',
  skipped: '-',
  error: '✗',
  cancelled: '■',
  unknown: '?',
};
/** What is left out last when not every node fits on the screen. */
const URGENCY: Record<NodeStatus, number> = {
  unknown: 0,
  waiting: 1,
  running: 2,
  error: 3,
  cancelled: 4,
  ready: 5,
  done: 6,
  skipped: 7,
  pending: 8,
};

export function seconds(ms: number): string {
  return ms < 0 ? '' : `${(ms / 1000).toFixed(1)} s`;
}

/** Out: at most `height` lines: a head line, then nodes in the order they became known, the most urgent ones when there are too many. */
export function progressLines(state: RunState, frame: ProgressFrame): string[] {
  const all = Object.values(state.nodes);
  const room = Math.max(1, frame.height - 1);
  const shown = all.length <= room ? all : mostUrgent(all, room - 1);
  const more = all.length - shown.length;
  const width = Math.min(32, Math.max(4, ...shown.map((node) => node.id.length)));
  return [
    headLine(state, frame),
    ...shown.map((node) => nodeLine(node, width, frame)),
    ...(more > 0 ? [frame.paint.dim(`  … and ${more} more`)] : []),
  ];
}

function mostUrgent(nodes: NodeState[], room: number): NodeState[] {
  const ranked = nodes
    .map((node, at) => ({ node, at }))
    .sort((a, b) => URGENCY[a.node.status] - URGENCY[b.node.status] || b.node.seq - a.node.seq);
  return ranked
    .slice(0, room)
    .sort((a, b) => a.at - b.at)
    .map(({ node }) => node);
}

function headLine(state: RunState, { nowMs, paint, width }: ProgressFrame): string {
  const counts = countsOf(state);
  const startMs = state.started_at === null ? nowMs : Date.parse(state.started_at);
  const endMs = state.finished_at === null ? nowMs : Date.parse(state.finished_at);
  const flags = `${state.paused ? ', paused' : ''}${counts.waiting > 0 ? ', waiting for an answer' : ''}`;
  return paint.bold(
    fit(`${state.run_id} ${state.status}${flags} · ${runNodesText(counts)} · ${seconds(endMs - startMs)}`, width).trimEnd(),
  );
}

function nodeLine(node: NodeState, width: number, frame: ProgressFrame): string {
  const mark = node.status === 'running' ? (SPINNER[frame.tick % SPINNER.length] ?? '') : MARKS[node.status];
  const tail = node.error?.message ?? (node.status === 'done' ? '' : (node.reason ?? attemptText(node)));
  const text = `${fit(node.id, width)}  ${node.status.padEnd(9)} ${timeOf(node, frame.nowMs).padStart(8)}  ${printable(tail).replaceAll(/\s+/g, ' ')}`;
  return `${colour(node.status, frame.paint)(mark)} ${fit(text, frame.width - 2).trimEnd()}`;
}

function timeOf(node: NodeState, nowMs: number): string {
  if (node.started_at === null) return '';
  const end = node.finished_at === null ? nowMs : Date.parse(node.finished_at);
  return seconds(end - Date.parse(node.started_at));
}

function colour(status: NodeStatus, paint: Paint): (text: string) => string {
  if (status === 'done') return paint.green;
  if (status === 'error' || status === 'unknown' || status === 'cancelled') return paint.red;
  if (status === 'waiting') return paint.yellow;
  return status === 'running' ? paint.cyan : paint.dim;
}

/** `of`: the node, empty for the run. `text`: the line without its time, equal when nothing changed. */
export type PlainLine = { of: string; text: string; line: string };

/** For streams that cannot be redrawn: a line when a node starts, waits or ends, null for events that change no node or run. */
export function plainLine(state: RunState, event: RunEvent): PlainLine | null {
  const text = plainText(state, event);
  if (text === null) return null;
  const startMs = Date.parse(state.started_at ?? event.at);
  const at = seconds(Math.max(0, Date.parse(event.at) - startMs)).padStart(8);
  return { of: event.node ?? '', text, line: `${at}  ${text}` };
}

function plainText(state: RunState, { change, node: id, text, at }: RunEvent): string | null {
  if (change?.of === 'run') return change.status === undefined ? printable(text) : `run ${change.status}`;
  if (change?.of !== 'node' || id === null || change.status === 'pending' || change.status === 'ready') return null;
  const node = state.nodes[id];
  const time = node && isNodeEnded(change.status) ? timeOf(node, Date.parse(at)) : '';
  const took = time === '' ? '' : ` ${time}`;
  const attempt = change.status === 'running' && node ? attemptText(node) : '';
  const why = change.error?.message ?? change.reason ?? attempt;
  return `${MARKS[change.status]} ${id} ${change.status}${took}${why === '' ? '' : `: ${printable(why)}`}`;
}

/** Nothing for a first attempt. */
function attemptText(node: NodeState): string {
  return node.attempt_count > 1 ? `attempt ${node.attempt_count}` : '';
}
