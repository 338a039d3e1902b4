import { useInfiniteQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { Token } from '#contract/tokens.ts';
import { call } from '../api/client.ts';
import { tokens } from '../api/queries.ts';
import { useRefusal } from '../api/session.ts';
import { useAction } from '../api/use-action.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { MoreButton, PageHead } from '../ui/list.tsx';
import { Empty, Failure, Loaded, Panel } from '../ui/panel.tsx';
import { Untrusted } from '../ui/text.tsx';
import { useNow, When } from '../ui/time.tsx';
import { LockdownPanel } from './tokens/lockdown.tsx';
import { MakeToken } from './tokens/make-token.tsx';

export function TokensPage() {
  const query = useInfiniteQuery(tokens());
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageHead title="Tokens" lead="One for each person and each agent, so that records name them. Every token ends by itself." />
      <div className="flex flex-col gap-5">
        <MakeToken />
        <Panel title="Named tokens" hint="The three tokens that the instance began with are not listed." isFlush>
          <Loaded query={{ ...query, data: items }} lines={4}>
            {(list) =>
              list.length === 0 ? (
                <Empty icon={KeyRound} title="There are no named tokens yet" />
              ) : (
                <ul className="divide-y divide-line" aria-label="tokens">
                  {list.map((token) => (
                    <Row key={token.id} token={token} />
                  ))}
                </ul>
              )
            }
          </Loaded>
          <MoreButton query={query} />
        </Panel>
        <LockdownPanel />
      </div>
    </>
  );
}

function Row({ token }: { token: Token }) {
  const [isAsking, setIsAsking] = useState(false);
  const isOver = Date.parse(token.expires_at) <= useNow(10_000);
  const isAlive = token.revoked_at === null && !isOver;
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 px-4 py-3 sm:px-5">
      <span className="min-w-0 flex-1 basis-56">
        <span className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
          <Untrusted text={token.label} />
          <Badge tone="neutral">{token.role}</Badge>
          <Badge tone={token.class === 'agent' ? 'info' : 'neutral'}>{token.class}</Badge>
        </span>
        <span className="code block text-muted">{token.actor}</span>
      </span>
      <span className="text-[0.9rem] text-muted">
        {token.last_used_at === null ? (
          'never used'
        ) : (
          <>
            used <When at={token.last_used_at} />
          </>
        )}
      </span>
      <State token={token} isOver={isOver} />
      {isAlive && (
        <Button size="small" look="reject" onClick={() => setIsAsking(true)} aria-label={`Revoke ${token.label}`}>
          Revoke
        </Button>
      )}
      {isAsking && <RevokeDialog token={token} onClose={() => setIsAsking(false)} />}
    </li>
  );
}

function State({ token, isOver }: { token: Token; isOver: boolean }) {
  if (token.revoked_at !== null) return <Badge tone="bad">revoked</Badge>;
  if (isOver) return <Badge tone="warn">expired</Badge>;
  return (
    <span className="text-[0.9rem] text-muted" title={token.expires_at}>
      until {token.expires_at.slice(0, 10)}
    </span>
  );
}

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const revoke = useAction((id: string, idempotencyKey) => call('tokens_revoke', { params: { id }, idempotencyKey }), onClose);
  const refusal = useRefusal('tokens_revoke');
  return (
    <Dialog title={`Revoke ${token.label}`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-muted">The token and every browser session that was opened with it end at once. This cannot be taken back.</p>
        {revoke.error && <Failure error={revoke.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button look="reject" isBusy={revoke.isPending} refusal={refusal} onClick={() => revoke.mutate(token.id)}>
            Revoke
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
