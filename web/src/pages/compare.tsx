import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ComparedNode, ComparedRun, Comparison } from '#contract/comparison.ts';
import { comparison } from '../api/queries.ts';
import { cost, duration, shortId } from '../lib/format.ts';
import { Badge } from '../ui/badge.tsx';
import { Facts, MoreButton, PageHead } from '../ui/list.tsx';
import { Loaded, Panel } from '../ui/panel.tsx';
import { NodeBadge, RunBadge } from '../ui/status.tsx';
import { JsonBlock, Untrusted } from '../ui/text.tsx';

const route = getRouteApi('/runs/$id/compare/$other');
type Row = Comparison['nodes'][number];

export function ComparePage() {
  const { id, other } = route.useParams();
  const query = useInfiniteQuery(comparison(id, other));
  const pages = query.data?.pages.map((page) => page.items);
  return (
    <>
      <PageHead title="Two runs side by side" lead="Node by node, in the order of the plan." />
      <Loaded query={{ ...query, data: pages }} lines={10}>
        {([first, ...more]) =>
          first && (
            <div className="flex flex-col gap-5">
              <div className="grid gap-5 lg:grid-cols-2">
                <RunPanel run={first.a} />
                <RunPanel run={first.b} />
              </div>
              <Panel title="Nodes" isFlush>
                <Table rows={[first, ...more].flatMap((page) => page.nodes)} ids={{ a: first.a.id, b: first.b.id }} />
                <MoreButton query={query} />
              </Panel>
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function RunPanel({ run }: { run: ComparedRun }) {
  const values = (kind: string, all: Record<string, unknown> | null): [string, ReactNode][] =>
    Object.entries((all ?? {}) as ComparedRun['inputs']).map(([name, value]) => [
      `${kind} ${name}`,
      <JsonBlock key={name} label={`${kind} ${name}`} value={value} />,
    ]);
  return (
    <Panel title={shortId(run.id)} aside={<RunBadge run={{ status: run.status, paused: false, waiting: false }} />}>
      <p className="mb-3 font-medium">
        <Link to="/runs/$id" params={{ id: run.id }} className="text-accent underline">
          <Untrusted text={run.title} />
        </Link>
      </p>
      <Facts
        rows={[
          ['Took', run.duration_ms === null ? 'not ended' : duration(run.duration_ms)],
          ['Cost', cost(run.cost_usd)],
          ...values('Input', run.inputs),
          ...values('Output', run.outputs),
        ]}
      />
    </Panel>
  );
}

function Table({ rows, ids }: { rows: readonly Row[]; ids: { a: string; b: string } }) {
  return (
    // Scrollable areas must be reachable by keyboard.
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="nodes side by side">
      <table className="w-full text-left text-[0.92rem]">
        <thead className="border-b border-line text-muted">
          <tr>
            {['Node', shortId(ids.a), shortId(ids.b), 'Output'].map((name) => (
              <th key={name} scope="col" className="px-4 py-2 font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" className="px-4 py-2 font-normal">
                <span className="code">{row.id}</span>
              </th>
              <Cell runId={ids.a} id={row.id} node={row.a} />
              <Cell runId={ids.b} id={row.id} node={row.b} />
              <td className="px-4 py-2">
                {row.output === 'none' ? '—' : <Badge tone={row.output === 'equal' ? 'ok' : 'warn'}>{row.output}</Badge>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ runId, id, node }: { runId: string; id: string; node: ComparedNode | null }) {
  if (node === null) return <td className="px-4 py-2 text-muted">not there</td>;
  const attempts = node.attempt_count > 1 ? ` · ${node.attempt_count} attempts` : '';
  const took = node.duration_ms === null ? '' : ` · ${duration(node.duration_ms)}`;
  return (
    <td className="px-4 py-2">
      <Link to="/runs/$id" params={{ id: runId }} search={{ node: id }} className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
        <NodeBadge status={node.status} />
        <span className="tabular text-muted">
          {cost(node.cost_usd)}
          {took}
          {attempts}
        </span>
      </Link>
      {node.reason !== null && (
        <span className="block text-[0.85rem] text-muted">
          <Untrusted text={node.reason} />
        </span>
      )}
    </td>
  );
}
