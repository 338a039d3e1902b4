import { Link } from '@tanstack/react-router';
import { Clock, Columns2, ExternalLink, GitBranch, GitFork, Pause, Play, Radio, Square, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Run } from '#contract/objects.ts';
import type { Plan } from '#contract/plan.ts';
import { isRunEnded } from '#contract/run-state.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import type { StreamState } from '../../api/stream.ts';
import { useAction } from '../../api/use-action.ts';
import { age, duration, shortId } from '../../lib/format.ts';
import { runSentence, type Tone } from '../../lib/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { PageHead } from '../../ui/list.tsx';
import { Failure } from '../../ui/panel.tsx';
import { PriorityBadge } from '../../ui/priority.tsx';
import { RunBadge } from '../../ui/status.tsx';
import { CopyButton, Prose } from '../../ui/text.tsx';
import { useLasting, useNow, When } from '../../ui/time.tsx';
import { NewDraftButton } from '../plans/new-draft.tsx';
import { BudgetFigure } from './budget.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import { CompareDialog } from './compare-dialog.tsx';
import { PauseDialog } from './pause-dialog.tsx';
import { Progress } from './progress.tsx';
import { RunPriority } from './run-priority.tsx';

type Stream = { state: StreamState; lastAt: number | null } | null;

type HeaderProps = { run: Run; plan: Plan | undefined; stream: Stream };

export function RunHeader({ run, plan, stream }: HeaderProps) {
  const now = useNow();
  return (
    <>
      <PageHead title={run.title} aside={<Controls run={run} plan={plan} />} />
      <div className="mb-5 rounded-xl border border-line bg-surface p-4 shadow-(--shadow) sm:p-5">
        <div className="mb-3 flex flex-wrap items-center gap-3">
          <RunBadge run={run} />
          <PriorityBadge priority={run.priority} />
          <p className="min-w-0 flex-1 basis-64 text-lg [overflow-wrap:anywhere]" aria-live="polite">
            {/* The ticking seconds are for the eye only: spoken, they would never stop. */}
            <Prose text={runSentence(run, run.started_at === null ? now : Math.max(now, Date.parse(run.started_at)))} />
          </p>
          <Live stream={stream} now={now} />
        </div>
        <Progress nodes={run.nodes} />
        <Figures run={run} now={now} />
        {run.error && run.status === 'error' && (
          <p className="mt-3 rounded-lg bg-bad-soft p-3 [overflow-wrap:anywhere]">
            <span className="code font-semibold text-bad">{run.error.code}</span> <Prose text={run.error.hint} />
          </p>
        )}
        <NoWorker run={run} />
      </div>
    </>
  );
}

/** A worker that is only starting or busy may miss one answer: that is no news. */
const NEWS_MS = 5000;

function NoWorker({ run }: { run: Run }) {
  if (!useLasting(run.stale === true, NEWS_MS)) return null;
  return (
    <p role="status" className="mt-3 flex items-center gap-2 rounded-lg bg-warn-soft p-3 text-warn">
      <TriangleAlert aria-hidden className="size-4.5 shrink-0" />
      <span>
        No worker has answered for some seconds, so nothing moves on; it does by itself when one is back. What stands here was written{' '}
        {run.as_of === undefined ? 'before that' : <When at={run.as_of} />}.
      </span>
    </p>
  );
}

function Figures({ run, now }: { run: Run; now: number }) {
  const endMs = run.finished_at === null ? now : Date.parse(run.finished_at);
  return (
    <div className="tabular mt-3 flex flex-wrap gap-x-5 gap-y-1.5 text-[0.92rem] text-muted [&>span]:inline-flex [&>span]:items-center [&>span]:gap-1.5">
      <span>
        <Clock aria-hidden className="size-4" />
        {run.started_at === null ? 'not started' : duration(endMs - Date.parse(run.started_at))}
      </span>
      <BudgetFigure run={run} />
      {run.branch !== null && (
        <span className="min-w-0">
          <GitBranch aria-hidden className="size-4 shrink-0" />
          <span className="code">{run.branch}</span>
          <CopyButton text={run.branch} label="Copy the name of the branch" />
        </span>
      )}
      <span title={run.id}>
        <span className="code">{shortId(run.id)}</span>
        <CopyButton text={run.id} label="Copy the id of the run" />
      </span>
      {run.forked_from !== null && (
        <span>
          <GitFork aria-hidden className="size-4" />
          forked at <span className="code">{run.forked_from.node}</span> from
          <Link to="/runs/$id" params={{ id: run.forked_from.run_id }} className="text-accent underline">
            {shortId(run.forked_from.run_id)}
          </Link>
        </span>
      )}
      <span>
        <Link to="/approved/$id" params={{ id: run.approved_id }} className="whitespace-nowrap text-accent underline">
          approved plan
        </Link>
      </span>
      {run.temporal_url !== null && (
        <a
          href={run.temporal_url}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1 whitespace-nowrap text-accent underline"
        >
          Temporal Web <ExternalLink aria-hidden className="size-3.5" />
        </a>
      )}
    </div>
  );
}

const STREAM_TONE: Record<StreamState, Tone> = {
  connecting: 'neutral',
  live: 'ok',
  'catching up': 'warn',
  offline: 'bad',
  ended: 'neutral',
};

function Live({ stream, now }: { stream: Stream; now: number }) {
  if (!stream || stream.state === 'ended') return null;
  const since = stream.lastAt === null ? '' : `, last event ${age(stream.lastAt, now)} ago`;
  return (
    <Badge tone={STREAM_TONE[stream.state]} icon={Radio}>
      {stream.state}
      {since}
    </Badge>
  );
}

function Controls({ run, plan }: Omit<HeaderProps, 'stream'>) {
  const [asks, setAsks] = useState<'pause' | 'cancel' | 'compare' | null>(null);
  const pauseRefusal = useRefusal('runs_pause');
  const cancelRefusal = useRefusal('runs_cancel');
  const toggle = useAction((isPaused: boolean, idempotencyKey) =>
    call(isPaused ? 'runs_resume' : 'runs_pause', { params: { id: run.id }, idempotencyKey }),
  );
  const close = (): void => setAsks(null);
  const isOver = isRunEnded(run.status);
  return (
    <>
      {toggle.error && <Failure error={toggle.error} />}
      {!isOver && (
        <>
          {run.delegated_by === null && <RunPriority run={run} />}
          <Button
            icon={run.paused ? Play : Pause}
            refusal={pauseRefusal}
            isBusy={toggle.isPending}
            title={run.paused ? 'Start nodes again' : 'Start no further node; running ones finish'}
            onClick={() => (run.paused || run.nodes.running === 0 ? toggle.mutate(run.paused) : setAsks('pause'))}
          >
            {run.paused ? 'Resume' : 'Pause'}
          </Button>
          <Button look="reject" icon={Square} refusal={cancelRefusal} onClick={() => setAsks('cancel')}>
            Cancel
          </Button>
        </>
      )}
      {isOver && plan && <NewDraftButton plan={plan} />}
      <Button icon={Columns2} onClick={() => setAsks('compare')}>
        Compare
      </Button>
      {asks === 'pause' && <PauseDialog run={run} onClose={close} />}
      {asks === 'cancel' && <CancelDialog run={run} onClose={close} />}
      {asks === 'compare' && <CompareDialog run={run} onClose={close} />}
    </>
  );
}
