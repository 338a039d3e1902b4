import { Lock } from 'lucide-react';
import { call, type Answer } from '../api/client.ts';
import { useRefusal } from '../api/session.ts';
import { useAction } from '../api/use-action.ts';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/panel.tsx';
import { Untrusted } from '../ui/text.tsx';
import { When } from '../ui/time.tsx';

type Panic = Answer<'ui_status'>['panic'];

/** Stands above every page while changes are locked. */
export function LockdownBanner({ panic }: { panic: Panic | undefined }) {
  const resolve = useAction((_: null, idempotencyKey) => call('security_resolve', { idempotencyKey }));
  const refusal = useRefusal('security_resolve');
  if (panic?.active !== true) return null;
  return (
    <div role="alert" className="border-b border-bad/30 bg-bad-soft px-3 py-2.5 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Lock aria-hidden className="size-4.5 shrink-0 text-bad" />
        <p className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
          <strong className="text-bad">Changes are locked</strong>
          {panic.at !== null && (
            <>
              {' '}
              since <When at={panic.at} />
            </>
          )}
          {panic.reason !== '' && (
            <>
              : <Untrusted text={panic.reason} />
            </>
          )}
          . Reading and stopping still work.
        </p>
        <Button size="small" look="primary" refusal={refusal} isBusy={resolve.isPending} onClick={() => resolve.mutate(null)}>
          End the lockdown
        </Button>
      </div>
      {resolve.error && <Failure error={resolve.error} />}
    </div>
  );
}
