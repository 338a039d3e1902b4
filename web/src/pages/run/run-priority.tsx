import type { Run } from '#contract/objects.ts';
import type { Priority } from '#contract/priority.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Failure } from '../../ui/panel.tsx';
import { PriorityField } from '../../ui/priority.tsx';

/** Gives a run that goes on another share; nothing for whoever may not. */
export function RunPriority({ run }: { run: Run }) {
  const refusal = useRefusal('runs_priority');
  const change = useAction((priority: Priority, idempotencyKey) =>
    call('runs_priority', { params: { id: run.id }, body: { priority }, idempotencyKey }),
  );
  if (refusal !== null) return null;
  return (
    <>
      {change.error && <Failure error={change.error} />}
      <PriorityField value={run.priority} onValue={change.mutate} isBusy={change.isPending} />
    </>
  );
}
