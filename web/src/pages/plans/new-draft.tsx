import { useNavigate } from '@tanstack/react-router';
import { FilePlus2 } from 'lucide-react';
import type { Plan } from '#contract/plan.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/panel.tsx';

/** A stored plan as the body of a new draft. */
function planBody(plan: Plan): Record<string, never> {
  return JSON.parse(JSON.stringify(plan));
}

/** Makes a draft of the plan and opens it. */
export function useNewDraft() {
  const navigate = useNavigate();
  return useAction(
    (plan: Plan, idempotencyKey) => call('drafts_create', { body: { plan: planBody(plan) }, idempotencyKey }),
    (draft) => void navigate({ to: '/plans/$id', params: { id: draft.id } }),
  );
}

/** An approval is spent when its runs are used, and a draft is approved once: this is how the same plan is done again. */
export function NewDraftButton({ plan }: { plan: Plan }) {
  const create = useNewDraft();
  return (
    <>
      {create.error && <Failure error={create.error} />}
      <Button
        icon={FilePlus2}
        refusal={useRefusal('drafts_create')}
        isBusy={create.isPending}
        title="The same plan as a new draft: read it, change it, and approve it again"
        onClick={() => create.mutate(plan)}
      >
        New draft from this plan
      </Button>
    </>
  );
}
