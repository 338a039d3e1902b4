import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Json } from '#contract/json.ts';
import type { Approved } from '#contract/objects.ts';
import { DEFAULT_PRIORITY, type Priority } from '#contract/priority.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/panel.tsx';
import { PriorityField } from '../../ui/priority.tsx';
import { useNow } from '../../ui/time.tsx';
import { NewDraftButton } from '../plans/new-draft.tsx';
import { inputValues, OpenInputs, openInputsOf } from './open-inputs.tsx';
import { cannotRun } from './state.tsx';

/** Starts a run; inputs that the plan leaves open are asked for here. */
export function RunForm({ approved }: { approved: Approved }) {
  const open = openInputsOf(approved);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const navigate = useNavigate();
  const role = useRefusal('runs_create');
  const now = useNow(10_000);
  const refusal = cannotRun(approved, now) ?? role;
  const [priority, setPriority] = useState<Priority>(approved.plan.policy.priority ?? DEFAULT_PRIORITY);
  const start = useAction(
    (inputs: Record<string, Json>, idempotencyKey) =>
      call('runs_create', { body: { approved_id: approved.id, inputs, priority }, idempotencyKey }),
    (run) => void navigate({ to: '/runs/$id', params: { id: run.id } }),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    start.mutate(inputValues(open, texts));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {start.error && <Failure error={start.error} />}
      <OpenInputs inputs={open} texts={texts} onTexts={setTexts} />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="approve" icon={Play} refusal={refusal} isBusy={start.isPending}>
          Run
        </Button>
        <PriorityField value={priority} onValue={setPriority} />
        {cannotRun(approved, now) !== null && <NewDraftButton plan={approved.plan} />}
        <span className="text-muted">{refusal ?? (open.length === 0 ? 'It asks for nothing more.' : '')}</span>
      </div>
    </form>
  );
}
