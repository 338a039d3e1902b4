import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { GraphNode, NodeDetail, Run } from '#contract/objects.ts';
import type { Plan } from '#contract/plan.ts';
import { isNodeEnded } from '#contract/run-state.ts';
import { runNode } from '../../api/queries.ts';
import { countsText, titleOf } from '../../graph/item.ts';
import { cost, duration } from '../../lib/format.ts';
import { viewOf } from '../../nodes/index.ts';
import { Badge } from '../../ui/badge.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/list.tsx';
import { Loaded } from '../../ui/panel.tsx';
import { Result } from '../../ui/result.tsx';
import { NodeBadge } from '../../ui/status.tsx';
import { JsonBlock, Prose, Untrusted } from '../../ui/text.tsx';
import { When } from '../../ui/time.tsx';
import { LiveOutput } from './live-output.tsx';
import { NodeActions } from './node-actions.tsx';
import { OutputLabel } from './output-label.tsx';

type Props = { run: Run; plan: Plan | undefined; node: string; graph: readonly GraphNode[]; onSelect: (node: string | undefined) => void };

/** Everything about one node: what it was given, what it did, what it gave. */
export function NodeDrawer({ run, plan, node, graph, onSelect }: Props) {
  const query = useQuery(runNode(run.id, node));
  const live = graph.find((item) => item.id === node);
  const mark = live && `${live.status} ${live.attempt_count}`;
  const { refetch } = query;
  useEffect(() => {
    if (mark !== undefined) void refetch();
  }, [mark, refetch]);
  const inner = graph.filter((item) => item.id.startsWith(`${node}[`));
  return (
    <Dialog title={titleOf(node, plan)} isDrawer onClose={() => onSelect(undefined)}>
      <Loaded query={query} lines={8}>
        {(detail) => (
          <div className="flex flex-col gap-5">
            <Summary detail={detail} />
            <NodeActions key={detail.id} run={run} node={detail} />
            {inner.length > 0 && <Inner nodes={inner} onSelect={onSelect} />}
            <Given detail={detail} />
            {detail.kind !== 'gate' && (detail.status === 'running' || detail.started_at !== null) && (
              <LiveOutput
                key={`${detail.id} ${detail.attempt_count}`}
                runId={run.id}
                node={detail.id}
                isOpen={!isNodeEnded(detail.status)}
              />
            )}
            <Output detail={detail} onSelect={onSelect} />
            <Attempts detail={detail} />
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

function Summary({ detail }: { detail: NodeDetail }) {
  const view = viewOf(detail.kind);
  const took =
    detail.started_at !== null && detail.finished_at !== null
      ? duration(Date.parse(detail.finished_at) - Date.parse(detail.started_at))
      : null;
  return (
    <section aria-label="Summary">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <NodeBadge status={detail.status} />
        <Badge tone="neutral" icon={view.icon}>
          {view.label}
        </Badge>
        {took !== null && <span className="text-muted">{took}</span>}
        <span className="text-muted">{cost(detail.cost_usd)}</span>
        <span className="code text-muted">{detail.id}</span>
      </div>
      {detail.reason !== null && (
        <p className="mb-2 text-muted">
          <Untrusted text={detail.reason} />
        </p>
      )}
      {detail.needs.length > 0 && (
        <p className="text-muted">
          After <span className="code">{detail.needs.join(', ')}</span>
        </p>
      )}
      {detail.error && <ErrorBox error={detail.error} />}
    </section>
  );
}

function ErrorBox({ error }: { error: NonNullable<NodeDetail['error']> }) {
  return (
    <div className="mt-2 rounded-lg bg-bad-soft p-3 [overflow-wrap:anywhere]">
      <p className="font-semibold text-bad">
        <Prose text={error.message} /> <span className="code font-normal">{error.code}</span>
      </p>
      <p className="whitespace-pre-wrap">
        <Prose text={error.hint} />
      </p>
    </div>
  );
}

const HEADING = 'mb-2 text-[0.9rem] font-semibold';

function Given({ detail }: { detail: NodeDetail }) {
  const fields = viewOf(detail.kind).fields(detail.with);
  return (
    <section aria-label="What it was given">
      <h3 className={HEADING}>What it was given</h3>
      <Facts isNarrow rows={fields.map(({ label, value }) => [label, <JsonBlock key={label} label={label} value={value} isTall />])} />
      <details className="mt-2">
        <summary className="text-[0.9rem] text-muted">All of it, as JSON</summary>
        <div className="mt-2">
          <JsonBlock label="with" value={detail.with} isTall />
        </div>
      </details>
    </section>
  );
}

function Output({ detail, onSelect }: { detail: NodeDetail; onSelect: (node: string) => void }) {
  if (!isNodeEnded(detail.status) || detail.status === 'skipped') return null;
  return (
    <section aria-label="Output">
      <h3 className={HEADING}>Output</h3>
      <OutputLabel node={detail} onSelect={onSelect} />
      {detail.output_ref !== null && (
        <p className="mb-2 text-muted">
          Too large for this page; stored as <span className="code">{detail.output_ref}</span>
        </p>
      )}
      {(detail.output !== null || detail.output_ref === null) && <Result label="Output" value={detail.output} />}
    </section>
  );
}

function Attempts({ detail }: { detail: NodeDetail }) {
  if (detail.attempts.length === 0) return null;
  return (
    <section aria-label="Attempts">
      <h3 className={HEADING}>Attempts</h3>
      <ol className="flex flex-col gap-2">
        {detail.attempts.map((attempt) => (
          <li key={attempt.started_at} className="rounded-lg border border-line p-3">
            <span className="font-medium">Attempt {attempt.attempt}</span>{' '}
            <span className="text-muted">
              <When at={attempt.started_at} />
              {attempt.finished_at !== null && `, took ${duration(Date.parse(attempt.finished_at) - Date.parse(attempt.started_at))}`}
              {attempt.provider !== null && `, ${attempt.provider}/${attempt.model ?? '?'}, ${cost(attempt.cost_usd)}`}
            </span>
            {attempt.usage !== null && <div className="code mt-1 text-muted">{JSON.stringify(attempt.usage)}</div>}
            {attempt.error && <ErrorBox error={attempt.error} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

const LISTED = 200;

/** The nodes inside a map, the ones that need attention first. */
function Inner({ nodes, onSelect }: { nodes: readonly GraphNode[]; onSelect: (node: string) => void }) {
  const rank = (node: GraphNode): number => ['error', 'unknown', 'waiting', 'running'].indexOf(node.status);
  const sorted = nodes.toSorted((a, b) => (rank(a) === -1 ? 9 : rank(a)) - (rank(b) === -1 ? 9 : rank(b)));
  return (
    <section aria-label="Inside">
      <h3 className={HEADING}>Inside</h3>
      <p className="mb-2 text-muted">{countsText(nodes)}</p>
      <ul className="max-h-72 divide-y divide-line overflow-auto rounded-lg border border-line">
        {sorted.slice(0, LISTED).map((node) => (
          <li key={node.id}>
            <button
              type="button"
              onClick={() => onSelect(node.id)}
              className="flex w-full items-center justify-between gap-3 px-3 py-1.5 text-left hover:bg-sunken"
            >
              <span className="code">{node.id}</span>
              <NodeBadge status={node.status} />
            </button>
          </li>
        ))}
      </ul>
      {nodes.length > LISTED && <p className="mt-1 text-muted">{nodes.length - LISTED} more are not listed; the log names each of them.</p>}
    </section>
  );
}
