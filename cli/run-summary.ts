/** What a run came to, for people. */
import type { Json } from '#contract/json.ts';
import { runNodesText } from '#contract/node-figures.ts';
import type { Run } from '#contract/objects.ts';
import { seconds } from './progress-view.ts';
import { printable, type Paint } from './terminal.ts';

/** Of one output; the whole of it is in the record of the run. */
const OUTPUT_LINES = 20;
const LINE_CHARS = 120;

export function wallMs(run: Run): number | null {
  return run.finished_at === null ? null : Date.parse(run.finished_at) - Date.parse(run.started_at ?? run.created_at);
}

export function costText(costUsd: number | null): string {
  return costUsd === null ? 'cost unknown' : `$${costUsd.toFixed(costUsd > 0 && costUsd < 0.01 ? 4 : 2)}`;
}

export function summaryLines(run: Run, url: string, paint: Paint): string[] {
  const took = wallMs(run);
  const status = run.status === 'done' ? paint.green('done') : paint.red(run.status);
  return [
    '',
    `${paint.bold(printable(run.title))}: ${status}`,
    `${runNodesText(run.nodes)} · ${took === null ? 'not ended' : seconds(took)} · ${costText(run.cost_usd)}`,
    ...(run.error === null ? [] : [`${printable(run.error.message)} (${run.error.code})`, printable(run.error.hint)]),
    ...outputLines(run),
    ...(run.branch === null ? [] : [`Result: branch ${run.branch}${run.commit === null ? '' : `, commit ${run.commit.slice(0, 12)}`}`]),
    `Dashboard: ${runUrl(url, run.id)}`,
    ...(run.temporal_url === null ? [] : [`Temporal Web: ${run.temporal_url}`]),
    ...(run.branch === null ? [] : [`Next: git show ${run.branch}`]),
  ];
}

/** Each one cut; what is told as the commit of the run is not told twice. */
function outputLines({ id, outputs, commit }: Run): string[] {
  return Object.entries(outputs ?? {}).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value.trimEnd() : jsonText(value);
    if (text === '' || value === commit) return [];
    const lines = printable(text).split('\n');
    if (lines.length === 1) return [`${printable(name)}: ${lines[0]}`];
    const more = lines.length - OUTPUT_LINES;
    return [
      `${printable(name)}:`,
      ...lines.slice(0, OUTPUT_LINES).map((line) => `  ${line}`),
      ...(more > 0 ? [`  … and ${more} more ${more === 1 ? 'line' : 'lines'}: gimo runs get ${id} --json`] : []),
    ];
  });
}

/** In one line as long as that can be read. */
function jsonText(value: Json): string {
  const line = JSON.stringify(value);
  return line.length <= LINE_CHARS ? line : JSON.stringify(value, null, 2);
}

export function runUrl(url: string, runId: string): string {
  return `${url}/runs/${runId}`;
}
