import { Ban } from 'lucide-react';
import { useState } from 'react';
import type { Approved } from '#contract/objects.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/field.tsx';
import { Failure } from '../../ui/panel.tsx';

/** Ends what an approval allows. */
export function TakeBack({ approved }: { approved: Approved }) {
  const [isAsking, setIsAsking] = useState(false);
  const refusal = useRefusal('approved_revoke');
  if (approved.revoked_at !== null) return null;
  return (
    <>
      <Button size="small" look="reject" icon={Ban} refusal={refusal} onClick={() => setIsAsking(true)}>
        Revoke
      </Button>
      {isAsking && <RevokeDialog approved={approved} onClose={() => setIsAsking(false)} />}
    </>
  );
}

function RevokeDialog({ approved, onClose }: { approved: Approved; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [stopsRuns, setStopsRuns] = useState(false);
  const revoke = useAction(
    (body: { reason: string; stop_runs: boolean }, idempotencyKey) =>
      call('approved_revoke', { params: { id: approved.id }, body, idempotencyKey }),
    onClose,
  );
  return (
    <Dialog title="Revoke this approval" onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-muted">
          No run starts from it any more, and its runs begin no further effect. What is being done right now ends by itself unless its run
          is stopped.
        </p>
        <TextArea label="Why" value={reason} maxLength={500} onValue={setReason} />
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={stopsRuns} onChange={(event) => setStopsRuns(event.target.checked)} />
          Also stop its runs
        </label>
        {revoke.error && <Failure error={revoke.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="reject" icon={Ban} isBusy={revoke.isPending} onClick={() => revoke.mutate({ reason, stop_runs: stopsRuns })}>
            Revoke
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
