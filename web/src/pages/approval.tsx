import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { RotateCw, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Draft, Packet } from '#contract/objects.ts';
import { draft as draftQuery, packet as packetQuery } from '../api/queries.ts';
import { useRefusal } from '../api/session.ts';
import { Button } from '../ui/button.tsx';
import { PageHead } from '../ui/list.tsx';
import { Loaded, Panel } from '../ui/panel.tsx';
import { DraftBadge } from '../ui/status.tsx';
import { DecisionBar } from './approval/decision-bar.tsx';
import { findingKey } from './approval/findings.tsx';
import { InputsPanel } from './approval/inputs-panel.tsx';
import { Proof } from './approval/proof.tsx';
import { Warning } from './approval/warning.tsx';
import { DraftContent } from './plans/draft-content.tsx';
import { EditDialog } from './plans/edit-dialog.tsx';
import { RunsOf } from './run/runs-of.tsx';

const route = getRouteApi('/plans/$id');
// The stored hash is looked at again and again, so that a change shows before the decision and not after it.
const WATCH_MS = 3000;

export function ApprovalPage() {
  const { id } = route.useParams();
  const query = useQuery({ ...draftQuery(id), refetchInterval: WATCH_MS });
  return (
    <Loaded query={query} lines={8}>
      {(draft) => (draft.status === 'draft' && draft.plan ? <Undecided key={id} draft={draft} /> : <Decided draft={draft} />)}
    </Loaded>
  );
}

function DraftHead({ draft: { plan, status } }: { draft: Draft }) {
  return <PageHead title={plan?.title ?? 'Draft without a plan'} lead={plan?.intent} aside={<DraftBadge status={status} />} />;
}

function Decided({ draft }: { draft: Draft }) {
  const [isEditing, setIsEditing] = useState(false);
  const refusal = useRefusal('drafts_update');
  return (
    <>
      <DraftHead draft={draft} />
      {draft.approved_id !== null && (
        <div className="mb-5">
          <RunsOf approvedId={draft.approved_id} />
        </div>
      )}
      <Panel
        title={
          draft.status === 'approved'
            ? 'This draft was approved'
            : draft.status === 'rejected'
              ? 'This draft was rejected'
              : 'There is no plan to approve'
        }
        aside={
          draft.approved_id !== null ? (
            <Link to="/approved/$id" params={{ id: draft.approved_id }} className="font-medium text-accent underline">
              Open the approved plan
            </Link>
          ) : (
            draft.status === 'draft' && (
              <Button look="edit" refusal={refusal} onClick={() => setIsEditing(true)}>
                Edit
              </Button>
            )
          )
        }
      >
        <DraftContent draft={draft} />
        {isEditing && <EditDialog draft={draft} onClose={() => setIsEditing(false)} />}
      </Panel>
    </>
  );
}

function Undecided({ draft }: { draft: Draft }) {
  const query = useQuery(packetQuery(draft.id));
  return (
    <Loaded query={query} lines={10}>
      {(packet) => (
        <Decision key={packet.hash} draft={draft} packet={packet} onReload={() => void query.refetch()} isLoading={query.isFetching} />
      )}
    </Loaded>
  );
}

type DecisionProps = { draft: Draft; packet: Packet; onReload: () => void; isLoading: boolean };

function Decision({ draft, packet, onReload, isLoading }: DecisionProps) {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [isRefused, setIsRefused] = useState(false);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const isStale = isRefused || draft.hash !== packet.hash;
  const unseen = packet.findings.filter((finding) => finding.severity === 'high' && !seen.has(findingKey(finding))).length;
  const mark = (key: string, isSeen: boolean): void => {
    const next = new Set(seen);
    if (isSeen) next.add(key);
    else next.delete(key);
    setSeen(next);
  };
  const reload = (): void => {
    setIsRefused(false);
    onReload();
  };
  return (
    <>
      {isStale && (
        <div
          role="alert"
          className="sticky top-15 z-10 mb-5 flex flex-wrap items-center gap-3 rounded-xl border border-bad bg-bad-soft p-4 text-bad"
        >
          <TriangleAlert aria-hidden className="size-5 shrink-0" />
          <p className="min-w-0 flex-1 font-semibold">
            Changed since you opened it. What you read below is not what is stored now, so it cannot be approved.
          </p>
          <Button icon={RotateCw} isBusy={isLoading} onClick={reload}>
            Show what it is now
          </Button>
        </div>
      )}
      <Warning findings={packet.findings} />
      <DraftHead draft={draft} />
      <Proof
        draft={draft}
        packet={packet}
        seen={seen}
        onSeen={mark}
        inputs={<InputsPanel packet={packet} texts={texts} onTexts={setTexts} />}
      />
      <DecisionBar draft={draft} packet={packet} texts={texts} unseen={unseen} isStale={isStale} onMismatch={() => setIsRefused(true)} />
    </>
  );
}
