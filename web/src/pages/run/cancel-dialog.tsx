import { nodesAhead } from '#contract/node-figures.ts';
import type { Run } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/panel.tsx';
import { Receipt } from './receipt.tsx';

/** Asks first; afterwards it shows what the stop did, node by node. */
export function CancelDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const cancel = useAction((_nothing: null, idempotencyKey) => call('runs_cancel', { params: { id: run.id }, idempotencyKey }));
  if (cancel.data) {
    // The page reads the run again, and with it the receipt as it completes itself.
    const receipt = run.receipt ?? cancel.data;
    return (
      <Dialog title={receipt.confirmed_at === null ? 'Stopping' : 'Stopped'} isWide onClose={onClose}>
        <Receipt receipt={receipt} />
        <div className="mt-4 flex justify-end">
          <Button onClick={onClose}>Close</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Cancel this run?" onClose={onClose}>
      <p>
        {whatStops(run.nodes)} What is done stays done{run.branch === null ? '' : ', on its branch'}. It cannot be resumed.
      </p>
      {cancel.error && (
        <div className="mt-4">
          <Failure error={cancel.error} />
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Let it run</Button>
        <Button look="reject" isBusy={cancel.isPending} onClick={() => cancel.mutate(null)}>
          Cancel the run
        </Button>
      </div>
    </Dialog>
  );
}

/** Each node is named once: at work now, or not begun and not over. */
function whatStops(nodes: Run['nodes']): string {
  const { running } = nodes;
  const ahead = nodesAhead(nodes);
  const stopped =
    running === 0 ? [] : [`${plural(running, 'node')} at work will be stopped, with every process of ${running === 1 ? 'it' : 'theirs'}.`];
  const left = ahead === 0 ? [] : [`${plural(ahead, 'further node')} will not happen.`];
  return [...stopped, ...left].join(' ');
}
