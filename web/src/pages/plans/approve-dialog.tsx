import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import type { Draft, Packet } from '#contract/objects.ts';
import { writtenBy } from '#contract/written-by.ts';
import { call } from '../../api/client.ts';
import { packet } from '../../api/queries.ts';
import { useAction } from '../../api/use-action.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure, Loaded } from '../../ui/panel.tsx';
import { RiskBadge } from '../../ui/status.tsx';
import { Hash, Prose, Untrusted } from '../../ui/text.tsx';
import { Capabilities } from '../approval/capabilities.tsx';
import { PlanTexts, textSize } from '../approval/plan-texts.tsx';

/** From the table only what is small enough to read here can be approved; everything else goes to its own page at once. */
export function ApproveDialog({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const query = useQuery(packet(draft.id));
  if (query.data && !isShort(query.data)) return <Navigate to="/plans/$id" params={{ id: draft.id }} />;
  return (
    <Dialog title={`Approve ${draft.plan?.title ?? draft.id}`} isWide onClose={onClose}>
      <Loaded query={query} lines={5}>
        {(shown) => <Content packet={shown} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}

/** What a dialog can show as a whole. */
const DIALOG = { chars: 2000, groups: 8 } as const;

function isShort({ risk, findings, plan }: Packet): boolean {
  const { chars, groups } = textSize(plan);
  return risk === 'low' && findings.length === 0 && chars <= DIALOG.chars && groups <= DIALOG.groups;
}

function Content({ packet: shown, onClose }: { packet: Packet; onClose: () => void }) {
  const approve = useAction(
    (hash: string, idempotencyKey) =>
      call('drafts_approve', { params: { id: shown.draft_id }, query: { auto_run: 'false' }, body: { hash }, idempotencyKey }),
    onClose,
  );
  return (
    <div className="flex flex-col gap-4">
      <p className="text-lg">
        <Prose text={shown.sentence} />
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <RiskBadge risk={shown.risk} />
        <Hash value={shown.hash} />
      </div>
      <Capabilities capabilities={shown.capabilities} />
      <PlanTexts plan={shown.plan} />
      <p className="text-muted">
        <Untrusted text={writtenBy(shown.approvers.authors)} />
      </p>
      {approve.error && <Failure error={approve.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Link to="/plans/$id" params={{ id: shown.draft_id }} className={buttonClass('plain', 'normal')}>
          Read and decide
        </Link>
        <Button look="approve" isBusy={approve.isPending} onClick={() => approve.mutate(shown.hash)}>
          Approve
        </Button>
      </div>
    </div>
  );
}
