import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import type { Gate, GraphNode, Run } from '#contract/objects.ts';
import type { Plan } from '#contract/plan.ts';
import { isRunEnded } from '#contract/run-state.ts';
import { approved, gates } from '../api/queries.ts';
import { DRAWN_NODES_MAX, Graph, useIsWide } from '../graph/graph.tsx';
import { itemsOfRun } from '../graph/item.ts';
import { GRAPH_FORMS } from '../graph/plan-graph-panel.tsx';
import { Choice } from '../ui/list.tsx';
import { Loaded, Panel } from '../ui/panel.tsx';
import { AnsweredGates, GateCard } from './run/gate-card.tsx';
import { keptAnswers } from './run/gate-options.ts';
import { KeptAnswers } from './run/kept-answers.tsx';
import { LogPanel } from './run/log-panel.tsx';
import { NodeDrawer } from './run/node-drawer.tsx';
import { OutputsPanel } from './run/outputs-panel.tsx';
import { ReceiptPanel } from './run/receipt.tsx';
import { RunHeader } from './run/run-header.tsx';
import { useLiveRun } from './run/use-live-run.ts';

const route = getRouteApi('/runs/$id');
const GATES_POLL_MS = 2000;

export function RunPage() {
  const { id } = route.useParams();
  return <LiveRun key={id} id={id} />;
}

function LiveRun({ id }: { id: string }) {
  const live = useLiveRun(id);
  return (
    <Loaded query={live.run} lines={8}>
      {(run) => <RunView run={run} live={live} />}
    </Loaded>
  );
}

function RunView({ run, live }: { run: Run; live: ReturnType<typeof useLiveRun> }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const approval = useQuery(approved(run.approved_id)).data;
  const plan = approval?.plan;
  const select = useCallback(
    (node: string | undefined) => void navigate({ search: (before) => ({ ...before, node }), replace: true }),
    [navigate],
  );
  const asked = useQuery({ ...gates(undefined, run.id), refetchInterval: isRunEnded(run.status) ? false : GATES_POLL_MS }).data ?? [];
  const kept = keptAnswers(asked, live.graph.data ?? []);
  const isAnswered = kept.length > 0 && asked.every((gate) => gate.status !== 'open');
  return (
    <>
      {/* What is answered does not wait for a person any more, whether the run knows it or not. */}
      <RunHeader run={isAnswered ? { ...run, waiting: false } : run} plan={plan} stream={live.stream} />
      <div className="flex flex-col gap-5">
        <KeptAnswers run={run} gates={kept} />
        <RunGates gates={asked} />
        {run.receipt && <ReceiptPanel receipt={run.receipt} />}
        <GraphPanel
          graph={{ ...live.graph, data: live.graph.data?.map((node) => asAnswered(node, kept)) }}
          plan={plan}
          form={search.view}
          selected={search.node ?? null}
          onForm={(view) => void navigate({ search: (before) => ({ ...before, view }), replace: true })}
          onSelect={select}
        />
        <OutputsPanel run={run} mayWrite={(approval?.envelope.paths.write.length ?? 0) > 0} />
        <LogPanel
          runId={run.id}
          entries={live.log}
          onlyProblems={search.log === 'problems'}
          onFilter={(log) => void navigate({ search: (before) => ({ ...before, log }), replace: true })}
          onSelect={select}
        />
      </div>
      {search.node !== undefined && <NodeDrawer run={run} plan={plan} node={search.node} graph={live.graph.data ?? []} onSelect={select} />}
    </>
  );
}

/** A node whose question is answered waits for a worker and not for a person. */
function asAnswered(node: GraphNode, kept: readonly Gate[]): GraphNode {
  return kept.some(({ id }) => id === node.gate_id) ? { ...node, status: 'ready' } : node;
}

function RunGates({ gates: asked }: { gates: readonly Gate[] }) {
  const open = asked.filter((gate) => gate.status === 'open');
  const answered = asked.filter((gate) => gate.status !== 'open');
  const [isShown, setIsShown] = useState(false);
  return (
    <>
      {open.map((gate) => (
        <GateCard key={`${gate.id} ${gate.hash}`} gate={gate} />
      ))}
      {isShown || answered.length === 0 ? (
        <AnsweredGates gates={answered} />
      ) : (
        <button type="button" onClick={() => setIsShown(true)} className="self-start text-[0.92rem] text-muted underline hover:text-ink">
          Answered questions ({answered.length})
        </button>
      )}
    </>
  );
}

type GraphPanelProps = {
  graph: Omit<ReturnType<typeof useLiveRun>['graph'], 'data'> & { data: GraphNode[] | undefined };
  plan: Plan | undefined;
  form: 'graph' | 'list' | undefined;
  selected: string | null;
  onForm: (form: 'graph' | 'list') => void;
  onSelect: (id: string) => void;
};

function GraphPanel({ graph, plan, form, selected, onForm, onSelect }: GraphPanelProps) {
  const isWide = useIsWide();
  // The steps of an agent are a column, not a drawing.
  const hasAgent = graph.data?.some(({ kind }) => kind === 'agent') ?? false;
  const shown = form ?? (isWide && !hasAgent ? 'graph' : 'list');
  const isTooLarge = (graph.data?.length ?? 0) > DRAWN_NODES_MAX && topLevel(graph.data ?? []) > DRAWN_NODES_MAX;
  return (
    <Panel
      title="Nodes"
      isFlush
      aside={!isTooLarge && <Choice label="How to show the nodes" value={shown} options={GRAPH_FORMS} onChange={onForm} />}
    >
      <Loaded query={graph} lines={6}>
        {(nodes) =>
          nodes.length === 0 ? (
            <p className="p-5 text-muted">The run has not begun: its nodes appear when a worker has loaded the approved plan.</p>
          ) : (
            <Graph items={itemsOfRun(nodes, plan).items} isList={shown === 'list'} selected={selected} onSelect={onSelect} />
          )
        }
      </Loaded>
      {plan === undefined && graph.data === undefined && (
        <p className="px-5 pb-4 text-muted">
          The <Link to="/approved">approved plan</Link> is being read.
        </p>
      )}
    </Panel>
  );
}

function topLevel(nodes: readonly GraphNode[]): number {
  return nodes.filter((node) => !node.id.includes('[')).length;
}
