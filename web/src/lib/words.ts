/** Status words for people. The engine's words stay in the details. */
import { runNodesText } from '#contract/node-figures.ts';
import type { Run } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import { duration } from './format.ts';

export type Tone = 'neutral' | 'info' | 'ok' | 'warn' | 'bad';
export type Words = { text: string; tone: Tone };

export const NODE_WORDS: Record<NodeStatus, Words> = {
  pending: { text: 'not started', tone: 'neutral' },
  ready: { text: 'next', tone: 'neutral' },
  running: { text: 'running', tone: 'info' },
  waiting: { text: 'waiting for you', tone: 'warn' },
  done: { text: 'done', tone: 'ok' },
  skipped: { text: 'skipped', tone: 'neutral' },
  error: { text: 'failed', tone: 'bad' },
  cancelled: { text: 'stopped', tone: 'neutral' },
  unknown: { text: 'outcome unknown', tone: 'warn' },
};

/** What a receipt proves of a node, in words; what is not known here is shown as it is. */
const STOPPED_WORDS: ReadonlyMap<string, string> = new Map([
  ['proven_empty', 'stopped, and none of its processes is left'],
  ['asked', 'told to stop, not proven yet'],
  ['withdrawn', 'no longer waited for'],
  ['never_started', 'never started'],
  ['already_done', 'over before the stop reached it'],
]);

export function stoppedWords(stopped: string): string {
  return STOPPED_WORDS.get(stopped) ?? stopped;
}

export function nodeWords(status: string): string {
  return isNodeStatus(status) ? NODE_WORDS[status].text : status;
}

function isNodeStatus(status: string): status is NodeStatus {
  return Object.hasOwn(NODE_WORDS, status);
}

type RunFlags = Pick<Run, 'status' | 'paused' | 'waiting'>;

/** The badge of a run. Waiting for a person comes before everything else that is going on. */
export function runWords(run: RunFlags): Words {
  if (run.status === 'done') return { text: 'done', tone: 'ok' };
  if (run.status === 'error') return { text: 'failed', tone: 'bad' };
  if (run.status === 'cancelled') return { text: 'stopped', tone: 'neutral' };
  if (run.waiting) return { text: 'waiting for you', tone: 'warn' };
  if (run.paused) return { text: 'paused', tone: 'warn' };
  return run.status === 'pending' ? { text: 'in the queue', tone: 'neutral' } : { text: 'running', tone: 'info' };
}

type RunFigures = RunFlags & Pick<Run, 'nodes' | 'started_at' | 'finished_at' | 'error'>;

/** The sentence at the top of a run. */
export function runSentence(run: RunFigures, nowMs: number): string {
  const took =
    run.started_at === null ? null : duration((run.finished_at ? Date.parse(run.finished_at) : nowMs) - Date.parse(run.started_at));
  const far = runNodesText(run.nodes);
  if (run.status === 'done') return `Finished in ${took ?? 'no time'}: ${far}.`;
  if (run.status === 'cancelled') return `Stopped${took === null ? '' : ` after ${took}`}: ${far}.`;
  if (run.status === 'error')
    return `Failed${took === null ? '' : ` after ${took}`}: ${run.error?.message ?? plural(run.nodes.error, 'failed node')}`;
  if (run.waiting) return `Waits for your answer. ${far}.`;
  if (run.paused) return `Paused: nothing new starts. ${far}.`;
  if (run.status === 'pending') return 'Waits for a free place; it starts by itself.';
  return `Running for ${took ?? '0 s'}: ${far}, ${run.nodes.running} at work.`;
}

/** What a bar shows of the nodes, in whole percent: done, failed and skipped side by side, never more than all of it. */
export function sharesOf({ total, done, skipped, error }: Run['nodes']): Record<'done' | 'failed' | 'skipped', number> {
  const all = Math.max(1, total, done + skipped + error);
  const share = (count: number): number => Math.floor((count * 100) / all);
  return { done: share(done), failed: share(error), skipped: share(skipped) };
}
