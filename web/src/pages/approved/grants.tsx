import { useQuery } from '@tanstack/react-query';
import { plural } from '#contract/plural.ts';
import type { Grant } from '#contract/standing-grant.ts';
import { call } from '../../api/client.ts';
import { grants } from '../../api/queries.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure, Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { Until, useNow } from '../../ui/time.tsx';

/** Standing grants; nothing where there is none. */
export function GrantsPanel() {
  const { data } = useQuery(grants());
  if (data === undefined || data.length === 0) return null;
  return (
    <Panel title="Standing grants" hint="Drafts that one covers can be approved by it when somebody asks." isFlush>
      <ul className="divide-y divide-line" aria-label="standing grants">
        {data.map((grant) => (
          <Row key={grant.id} grant={grant} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ grant }: { grant: Grant }) {
  const isOver = Date.parse(grant.expires_at) <= useNow(10_000);
  const left = Math.max(0, grant.max_uses - (grant.uses ?? 0));
  const end = useAction((_none: null, idempotencyKey) => call('grants_revoke', { params: { id: grant.id }, idempotencyKey }));
  const refusal = useRefusal('grants_revoke');
  const isAlive = grant.revoked_at === null && !isOver && left > 0;
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 px-4 py-3 sm:px-5">
      <span className="min-w-0 flex-1 basis-56">
        <span className="font-medium [overflow-wrap:anywhere]">
          <Untrusted text={grant.title} />
        </span>
        <span className="block text-muted">
          by <Untrusted text={grant.decision.by_name ?? grant.created_by} />, up to {grant.max_risk} risk
        </span>
      </span>
      <Badge tone={isAlive ? 'ok' : 'neutral'}>
        {grant.revoked_at !== null ? 'ended' : isOver ? 'expired' : `${plural(left, 'use')} left`}
      </Badge>
      {isAlive && (
        <>
          <span className="text-[0.9rem] text-muted">
            ends <Until at={grant.expires_at} />
          </span>
          <Button
            size="small"
            look="reject"
            refusal={refusal}
            isBusy={end.isPending}
            onClick={() => end.mutate(null)}
            aria-label={`End ${grant.title}`}
          >
            End
          </Button>
        </>
      )}
      {end.error && <Failure error={end.error} />}
    </li>
  );
}
