import type { LogEntry } from '#contract/run-state.ts';
import { printable, type Paint } from './terminal.ts';

/** One entry of a run's log for people: time of day, node, text. */
export function logLine(entry: Pick<LogEntry, 'at' | 'node' | 'level' | 'text'>, paint: Paint): string {
  const time = entry.at.slice(11, 23);
  const node = entry.node === null ? '' : `${paint.bold(entry.node)} `;
  const text = printable(entry.text);
  const painted = entry.level === 'error' ? paint.red(text) : entry.level === 'warn' ? paint.yellow(text) : text;
  return `${paint.dim(time)} ${node}${painted}`;
}
