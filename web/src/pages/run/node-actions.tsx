import { GitFork, RotateCcw, SkipForward } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { NodeDetail, Run } from '#contract/objects.ts';
import { isRunEnded } from '#contract/run-state.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Field, INPUT_CLASS } from '../../ui/field.tsx';
import { Failure } from '../../ui/panel.tsx';
import { ForkDialog } from './fork-dialog.tsx';

type Props = { run: Run; node: NodeDetail };

/** What a person can do about this node: do it again, leave it out, or start a new run from it. */
export function NodeActions({ run, node }: Props) {
  const [isSkipping, setIsSkipping] = useState(false);
  const [isForking, setIsForking] = useState(false);
  const forkRefusal = useRefusal('runs_fork');
  const isLive = !isRunEnded(run.status) && run.status !== 'pending';
  const canRetry = isLive && node.status === 'error';
  const canSkip = isLive && node.kind !== 'gate' && (['pending', 'ready', 'error'].includes(node.status) || isTimer(node));
  const isTopLevel = !node.id.includes('.');
  if (!canRetry && !canSkip && !isTopLevel) return null;
  return (
    <section aria-label="What you can do">
      <div className="flex flex-wrap gap-2">
        {canRetry && <Retry run={run} node={node} />}
        {canSkip && (
          <Button size="small" icon={SkipForward} aria-expanded={isSkipping} onClick={() => setIsSkipping(!isSkipping)}>
            Skip
          </Button>
        )}
        {isTopLevel && (
          <Button size="small" icon={GitFork} refusal={forkRefusal} onClick={() => setIsForking(true)}>
            Fork from here
          </Button>
        )}
      </div>
      {canSkip && isSkipping && <SkipForm run={run} node={node} />}
      {isForking && <ForkDialog run={run} node={node.id} onClose={() => setIsForking(false)} />}
    </section>
  );
}

function isTimer({ kind, status }: NodeDetail): boolean {
  return kind === 'wait' && status === 'running';
}

function Retry({ run, node }: Props) {
  const retry = useAction((_nothing: null, idempotencyKey) =>
    call('runs_retry', { params: { id: run.id, node: node.id }, idempotencyKey }),
  );
  return (
    <>
      <Button
        size="small"
        look="approve"
        icon={RotateCcw}
        refusal={useRefusal('runs_retry')}
        isBusy={retry.isPending}
        title="Do it once more; what was skipped because of it runs then"
        onClick={() => retry.mutate(null)}
      >
        Retry
      </Button>
      {retry.error && <Failure error={retry.error} />}
    </>
  );
}

function SkipForm({ run, node }: Props) {
  const [reason, setReason] = useState('');
  const skip = useAction((why: string, idempotencyKey) =>
    call('runs_skip', { params: { id: run.id, node: node.id }, body: { reason: why }, idempotencyKey }),
  );
  const refusal = useRefusal('runs_skip');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    skip.mutate(reason);
  };
  return (
    <form onSubmit={submit} className="mt-3 flex flex-col gap-2">
      <Field label="Why is it left out?" hint="Kept with your name. What needs it is skipped too; a join goes on without it.">
        {(id) => (
          <input
            id={id}
            required
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            className={INPUT_CLASS}
          />
        )}
      </Field>
      {skip.error && <Failure error={skip.error} />}
      <div>
        <Button type="submit" size="small" look="reject" refusal={refusal} isBusy={skip.isPending}>
          Leave it out
        </Button>
      </div>
    </form>
  );
}
