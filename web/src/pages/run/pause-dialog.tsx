import type { Run } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/panel.tsx';

/** Asks what becomes of the nodes that are at work. */
export function PauseDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const pause = useAction(
    (running: 'finish' | 'stop', idempotencyKey) => call('runs_pause', { params: { id: run.id }, body: { running }, idempotencyKey }),
    onClose,
  );
  return (
    <Dialog title="Pause this run?" onClose={onClose}>
      <p>
        No further node starts. {plural(run.nodes.running, 'node')} at work can finish, or be stopped now: what may be repeated is done
        again after the resume, and for anything else you are asked what became of it.
      </p>
      {pause.error && (
        <div className="mt-4">
          <Failure error={pause.error} />
        </div>
      )}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button disabled={pause.isPending} onClick={() => pause.mutate('finish')}>
          Let them finish
        </Button>
        <Button look="reject" disabled={pause.isPending} onClick={() => pause.mutate('stop')}>
          Stop them
        </Button>
      </div>
    </Dialog>
  );
}
