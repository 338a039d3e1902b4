import { useState } from 'react';
import type { Draft } from '#contract/objects.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/field.tsx';
import { Failure } from '../../ui/panel.tsx';

export function RejectDialog({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const [comment, setComment] = useState('');
  const route = useRefusal('drafts_reject') === null ? 'drafts_reject' : 'drafts_veto';
  const reject = useAction(
    (body: { comment: string }, idempotencyKey) => call(route, { params: { id: draft.id }, body, idempotencyKey }),
    onClose,
  );
  return (
    <Dialog title={`Reject ${draft.plan?.title ?? draft.id}`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-muted">The draft stays readable and can never run. The decision cannot be taken back.</p>
        <TextArea label="Why (its author reads this)" value={comment} maxLength={5000} onValue={setComment} />
        {reject.error && <Failure error={reject.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="reject" isBusy={reject.isPending} onClick={() => reject.mutate({ comment })}>
            Reject
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
