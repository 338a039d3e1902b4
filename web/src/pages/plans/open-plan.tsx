import { useNavigate } from '@tanstack/react-router';
import { useState, type ChangeEvent } from 'react';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, TextArea } from '../../ui/field.tsx';
import { Failure } from '../../ui/panel.tsx';
import { PlanVerdict, usePlanCheck } from './plan-check.tsx';

const SAMPLE = `version: 1
title: My plan
nodes:
  - id: first
    kind: process
    with:
      argv: [git, log, --oneline, -5]`;

/** A plan as text or file becomes a draft; its faults are shown while it is typed. */
const FILE_CLASS =
  'max-w-full text-muted file:mr-3 file:min-h-10 file:rounded-lg file:border file:border-line file:bg-surface file:px-4 file:font-medium file:text-ink';

export function OpenPlanDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const check = usePlanCheck(text);
  const navigate = useNavigate();
  const create = useAction(
    (plan: NonNullable<typeof check.plan>, idempotencyKey) => call('drafts_create', { body: { plan }, idempotencyKey }),
    (draft) => void navigate({ to: '/plans/$id', params: { id: draft.id } }),
  );
  const readFile = (event: ChangeEvent<HTMLInputElement>): void => {
    void event.target.files?.[0]?.text().then(setText);
  };
  return (
    <Dialog title="Open a plan" isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <Field label="From a file">
          {(id) => <input id={id} type="file" accept=".yaml,.yml,.json,application/json" onChange={readFile} className={FILE_CLASS} />}
        </Field>
        <TextArea label="Plan (YAML or JSON)" isCode rows={16} value={text} placeholder={SAMPLE} onValue={setText} />
        <PlanVerdict check={check} />
        {create.error && <Failure error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            isBusy={create.isPending}
            disabled={check.plan === null || check.faults.length > 0}
            onClick={() => check.plan !== null && create.mutate(check.plan)}
          >
            Create draft
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
