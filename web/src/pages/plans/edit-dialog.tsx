import { useEffect, useState } from 'react';
import type { Json } from '#contract/json.ts';
import type { Draft } from '#contract/objects.ts';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { writePlanText } from '../../lib/plan-text.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/field.tsx';
import { Choice } from '../../ui/list.tsx';
import { Failure } from '../../ui/panel.tsx';
import { PlanVerdict, usePlanCheck } from './plan-check.tsx';

type Change = { prompt: string } | { plan: Json };
const PARTS = [
  ['prompt', 'Prompt'],
  ['plan', 'Plan'],
] as const;

/** Makes a new revision. The revision that was opened travels along, so that nobody's edit is overwritten. */
export function EditDialog({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const [part, setPart] = useState<'prompt' | 'plan'>(draft.prompt === '' ? 'plan' : 'prompt');
  const [prompt, setPrompt] = useState(draft.prompt);
  const [planText, setPlanText] = useState('');
  const check = usePlanCheck(part === 'plan' ? planText : '');
  useEffect(() => {
    if (draft.plan) void writePlanText(draft.plan).then(setPlanText);
  }, [draft.plan]);
  const save = useAction(
    (change: Change, idempotencyKey) =>
      call('drafts_update', { params: { id: draft.id }, body: { ...change, revision: draft.revision }, idempotencyKey }),
    onClose,
  );
  const change: Change | null = part === 'prompt' ? { prompt } : check.plan === null ? null : { plan: check.plan };
  const canSave = part === 'prompt' ? prompt.trim() !== '' : check.state === 'checked' && check.plan !== null && check.faults.length === 0;
  return (
    <Dialog title={`Edit ${draft.plan?.title ?? draft.id}`} isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <Choice label="What to edit" value={part} options={PARTS} onChange={setPart} />
        {part === 'prompt' ? (
          <TextArea
            label="Prompt"
            rows={10}
            value={prompt}
            maxLength={400_000}
            onValue={setPrompt}
            hint="Saving makes a plan of one node from it."
          />
        ) : (
          <>
            <TextArea label="Plan (YAML or JSON)" isCode rows={20} value={planText} onValue={setPlanText} />
            <PlanVerdict check={check} />
          </>
        )}
        {save.error && <Failure error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" isBusy={save.isPending} disabled={!canSave} onClick={() => change && save.mutate(change)}>
            Save as revision {draft.revision + 1}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
