import { useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import { useState } from 'react';
import type { AuditEntryView } from '#contract/security.ts';
import { call } from '../../api/client.ts';
import { securityEvents } from '../../api/queries.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/field.tsx';
import { Failure, Loaded, Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { When } from '../../ui/time.tsx';

export function LockdownPanel() {
  const [isAsking, setIsAsking] = useState(false);
  const events = useQuery(securityEvents());
  const lock = (
    <Button size="small" look="reject" icon={Lock} refusal={useRefusal('security_panic')} onClick={() => setIsAsking(true)}>
      Lock all changes
    </Button>
  );
  return (
    <Panel title="Security events" hint="Refused tokens, locked addresses, lockdowns." aside={lock} isFlush>
      <Loaded query={events} lines={4}>
        {(list) =>
          list.length === 0 ? (
            <p className="p-4 text-muted sm:px-5">Nothing has happened.</p>
          ) : (
            <ul className="divide-y divide-line">
              {list.map((event) => (
                <Event key={event.seq} event={event} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {isAsking && <LockDialog onClose={() => setIsAsking(false)} />}
    </Panel>
  );
}

function Event({ event }: { event: AuditEntryView }) {
  const count = event.detail?.['count'];
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-[0.93rem] sm:px-5">
      <span className="text-muted">
        <When at={event.at} />
      </span>
      <span className="font-medium">{event.action}</span>
      <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <Untrusted text={event.object} />
        {typeof count === 'number' && ` (${count})`}
        {event.code !== undefined && <span className="code"> {event.code}</span>}
      </span>
      <span className="code text-muted">{event.by_name === undefined ? event.actor : <Untrusted text={event.by_name} />}</span>
    </li>
  );
}

function LockDialog({ onClose }: { onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [stopsRuns, setStopsRuns] = useState(false);
  const lock = useAction(
    (body: { reason: string; stop_runs: boolean }, idempotencyKey) => call('security_panic', { body, idempotencyKey }),
    onClose,
  );
  return (
    <Dialog title="Lock all changes" onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-muted">Nobody can draft, approve, start or configure until an admin ends it. Reading and stopping still work.</p>
        <TextArea label="Why" value={reason} maxLength={500} onValue={setReason} />
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={stopsRuns} onChange={(event) => setStopsRuns(event.target.checked)} />
          Also stop every run that is under way
        </label>
        {lock.error && <Failure error={lock.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="reject" icon={Lock} isBusy={lock.isPending} onClick={() => lock.mutate({ reason, stop_runs: stopsRuns })}>
            Lock
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
