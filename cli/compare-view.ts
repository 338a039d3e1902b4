/** Two runs side by side, for people. */
import type { ComparedNode, ComparedRun, Comparison } from '#contract/comparison.ts';
import { seconds } from './progress-view.ts';
import { costText } from './run-summary.ts';
import { fit } from './table.ts';
import { printable, type Paint } from './terminal.ts';

const SHORT = 300;

export function compareLines({ a, b, nodes }: Comparison, paint: Paint): string[] {
  const rows = nodes.map((node) => [
    node.id,
    pair(node, (side) => side.status),
    pair(node, attempts),
    pair(node, (side) => (side.duration_ms === null ? '-' : seconds(side.duration_ms))),
    pair(node, (side) => costText(side.cost_usd)),
    node.output === 'none' ? '-' : node.output,
  ]);
  const head = ['node', 'status', 'attempts', 'took', 'cost', 'output'];
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: string[]): string =>
    cells
      .map((cell, at) => fit(printable(cell), widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    `a  ${runLine(a)}`,
    `b  ${runLine(b)}`,
    ...differences('input', a.inputs, b.inputs),
    ...differences('output', a.outputs ?? {}, b.outputs ?? {}),
    '',
    paint.dim(line(head)),
    ...rows.map((row) => (row.at(-1) === 'different' ? paint.yellow(line(row)) : line(row))),
  ];
}

function runLine({ id, status, duration_ms, cost_usd, title }: ComparedRun): string {
  return `${id}  ${status} · ${duration_ms === null ? 'not ended' : seconds(duration_ms)} · ${costText(cost_usd)} · ${printable(title)}`;
}

/** What an earlier run did was not begun here. */
const attempts = ({ status, attempt_count }: ComparedNode): string =>
  status === 'done' && attempt_count === 0 ? 'reused' : String(attempt_count);

/** One word where both sides say the same, else `a → b`. */
function pair({ a, b }: Comparison['nodes'][number], of: (side: ComparedNode) => string): string {
  const [left, right] = [a, b].map((side) => (side === null ? 'absent' : of(side)));
  return left === right ? (left ?? '') : `${left} → ${right}`;
}

function differences(what: string, a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const text = (value: unknown): string => (value === undefined ? 'none' : printable(JSON.stringify(value)).slice(0, SHORT));
  return names.flatMap((name) =>
    text(a[name]) === text(b[name]) ? [] : [`${what} ${printable(name)}: ${text(a[name])} → ${text(b[name])}`],
  );
}
