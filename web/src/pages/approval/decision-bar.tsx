import { useNavigate } from '@tanstack/react-router';
import { Check, MessageSquare, PenLine, Play, TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import type { Json } from '#contract/json.ts';
import type { Draft, Packet } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { INPUT_CLASS } from '../../ui/field.tsx';
import { Failure } from '../../ui/panel.tsx';
import { inputValues } from '../approved/open-inputs.tsx';
import { EditDialog } from '../plans/edit-dialog.tsx';
import { RejectDialog } from '../plans/reject-dialog.tsx';
import { SEEN } from './findings.tsx';

type Props = { draft: Draft; packet: Packet; texts: Record<string, string>; unseen: number; isStale: boolean; onMismatch: () => void };
type Decision = { hash: string; comment: string; inputs: Record<string, Json>; isRun: boolean };

/** Always in sight. The hash that was shown goes back with the decision: what was read is what is signed. */
export function DecisionBar({ draft, packet, texts, unseen, isStale, onMismatch }: Props) {
  const [comment, setComment] = useState('');
  const [isCommenting, setIsCommenting] = useState(false);
  const [asked, setAsked] = useState<'reject' | 'edit' | null>(null);
  const navigate = useNavigate();
  const approve = useAction(
    ({ hash, comment: said, inputs, isRun }: Decision, idempotencyKey) =>
      call('drafts_approve', {
        params: { id: draft.id },
        query: { auto_run: isRun ? 'true' : 'false' },
        body: { hash, ...(said === '' ? {} : { comment: said }), ...(Object.keys(inputs).length === 0 ? {} : { inputs }) },
        idempotencyKey,
      }).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'HASH_MISMATCH') onMismatch();
        throw error;
      }),
    ({ approved, run }) => {
      if (run) void navigate({ to: '/runs/$id', params: { id: run.id }, search: {} });
      else if (approved) void navigate({ to: '/approved/$id', params: { id: approved.id } });
    },
  );
  const role = useRefusal('drafts_approve');
  const refusal = isStale
    ? 'It has changed since you opened it.'
    : (role ?? (unseen > 0 ? `Tick ${plural(unseen, 'high finding')} as seen before you approve.` : missingInput(packet, texts)));
  const decide = (isRun: boolean) => (): void =>
    approve.mutate({ hash: packet.hash, comment, inputs: inputValues(Object.entries(packet.plan.inputs), texts), isRun });
  const isRunning = approve.variables?.isRun === true;
  return (
    <div
      role="region"
      aria-label="Decision"
      className="sticky bottom-16 z-10 -mx-1 mt-5 rounded-xl border border-line bg-surface p-3 shadow-(--shadow-lifted) md:bottom-4"
    >
      {approve.error && approve.error.code !== 'HASH_MISMATCH' && <Failure error={approve.error} />}
      {approve.data?.approved === null && <p className="mb-2 text-[0.9rem] text-ok">You agreed. Others have to agree as well.</p>}
      {refusal !== null && !isStale && (
        <p className="mb-2.5 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg bg-warn-soft px-3 py-2 font-medium text-warn">
          <TriangleAlert aria-hidden className="size-4.5 shrink-0" />
          <span className="min-w-0 flex-1">{refusal}</span>
          {role === null && unseen > 0 && (
            <button type="button" className="underline" onClick={showUnseen}>
              Show it
            </button>
          )}
        </p>
      )}
      <div className="grid grid-cols-[1fr_1fr_auto] gap-2 lg:flex lg:items-center">
        <input
          aria-label="Comment"
          placeholder="Comment (kept with the decision)"
          maxLength={5000}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
          className={`${INPUT_CLASS} col-span-3 min-h-11 lg:block lg:flex-1 ${isCommenting ? '' : 'hidden'}`}
        />
        <Button look="reject" icon={X} className="min-h-11" refusal={useRefusal('drafts_veto')} onClick={() => setAsked('reject')}>
          Reject
        </Button>
        <Button look="edit" icon={PenLine} className="min-h-11" refusal={useRefusal('drafts_update')} onClick={() => setAsked('edit')}>
          Edit
        </Button>
        <Button
          look="quiet"
          className="min-h-11 lg:hidden"
          icon={MessageSquare}
          aria-expanded={isCommenting}
          onClick={() => setIsCommenting(!isCommenting)}
        >
          <span className="sr-only">Write a comment</span>
        </Button>
        <Button
          className="min-h-11 text-ok!"
          icon={Check}
          refusal={refusal}
          isBusy={approve.isPending && !isRunning}
          onClick={decide(false)}
        >
          Approve
        </Button>
        <Button
          look="approve"
          className="col-span-2 min-h-11"
          icon={Play}
          refusal={refusal}
          isBusy={approve.isPending && isRunning}
          onClick={decide(true)}
        >
          Approve and run
        </Button>
      </div>
      {asked === 'reject' && <RejectDialog draft={draft} onClose={() => setAsked(null)} />}
      {asked === 'edit' && <EditDialog draft={draft} onClose={() => setAsked(null)} />}
    </div>
  );
}

/** Leads to the first finding that is not ticked yet. */
function showUnseen(): void {
  const box = document.querySelector<HTMLElement>(`input[name="${SEEN}"]:not(:checked)`);
  box?.scrollIntoView({ block: 'center' });
  box?.focus({ preventScroll: true });
}

/** Inputs that are not open have to have a value at the approval. */
function missingInput({ plan, inputs }: Packet, texts: Record<string, string>): string | null {
  const missing = Object.entries(plan.inputs).find(([name, { open }]) => !open && inputs[name] === undefined && (texts[name] ?? '') === '');
  return missing === undefined ? null : `The input ${missing[0]} has no value.`;
}
