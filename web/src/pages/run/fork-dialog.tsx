import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { GitFork } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Json } from '#contract/json.ts';
import type { Approved, Run } from '#contract/objects.ts';
import { call } from '../../api/client.ts';
import { approved as approvedQuery } from '../../api/queries.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure, Loaded } from '../../ui/panel.tsx';
import { useNow } from '../../ui/time.tsx';
import { inputValues, OpenInputs, openInputsOf } from '../approved/open-inputs.tsx';
import { cannotRun } from '../approved/state.tsx';

type Props = { run: Run; node: string; onClose: () => void };

/** A new run of the same approval from this node on; open inputs keep their values unless others are given. */
export function ForkDialog({ run, node, onClose }: Props) {
  const query = useQuery(approvedQuery(run.approved_id));
  return (
    <Dialog title={`Fork from ${node}`} onClose={onClose}>
      <Loaded query={query}>{(approved) => <ForkForm run={run} node={node} approved={approved} />}</Loaded>
    </Dialog>
  );
}

function ForkForm({ run, node, approved }: Omit<Props, 'onClose'> & { approved: Approved }) {
  const open = openInputsOf(approved);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const navigate = useNavigate();
  const refusal = cannotRun(approved, useNow(10_000));
  const fork = useAction(
    (inputs: Record<string, Json>, idempotencyKey) =>
      call('runs_fork', { params: { id: run.id }, body: { from_node: node, inputs }, idempotencyKey }),
    (made) => void navigate({ to: '/runs/$id', params: { id: made.id } }),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    fork.mutate(inputValues(open, texts));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p>
        A new run of the same approval. <span className="code">{node}</span> and everything behind it is done anew; what else was done in
        this run is reused at no cost, and so are the commits of its patches. It counts as one of the {approved.max_runs} runs that were
        approved.
      </p>
      <OpenInputs inputs={open} texts={texts} onTexts={setTexts} before={run.inputs} />
      {fork.error && <Failure error={fork.error} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="approve" icon={GitFork} refusal={refusal} isBusy={fork.isPending}>
          Start the fork
        </Button>
        {refusal !== null && <span className="text-muted">{refusal}</span>}
      </div>
    </form>
  );
}
