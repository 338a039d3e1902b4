import { Link } from '@tanstack/react-router';
import type { Draft } from '#contract/objects.ts';
import { Facts } from '../../ui/list.tsx';
import { Hash, Prose, TextBlock, Untrusted } from '../../ui/text.tsx';
import { When } from '../../ui/time.tsx';
import { PlanText } from './plan-text.tsx';

/** All that is stored of a draft, nothing cut. */
export function DraftContent({ draft }: { draft: Draft }) {
  const facts: [string, React.ReactNode][] = [
    [
      'Id',
      <span key="id" className="code">
        {draft.id}
      </span>,
    ],
    [
      'Created',
      <span key="at">
        <When at={draft.created_at} /> by <span className="code">{draft.created_by}</span>
      </span>,
    ],
    ['Revision', draft.revision],
  ];
  if (draft.hash !== null) facts.push(['Hash', <Hash key="hash" value={draft.hash} />]);
  if (draft.decided_by !== null)
    facts.push([
      'Decided by',
      <span key="by" className="code">
        {draft.decided_by}
      </span>,
    ]);
  if (draft.comment !== null && draft.comment !== '') facts.push(['Comment', <Untrusted key="comment" text={draft.comment} />]);
  if (draft.approved_id !== null)
    facts.push([
      'Approved as',
      <Link key="approved" to="/approved/$id" params={{ id: draft.approved_id }} className="code text-accent underline">
        {draft.approved_id}
      </Link>,
    ]);
  return (
    <div className="flex flex-col gap-3">
      <Facts rows={facts} />
      {draft.error && (
        <p className="rounded-lg bg-bad-soft p-3">
          <span className="font-semibold text-bad">
            <Prose text={draft.error.message} /> <span className="code font-normal">{draft.error.code}</span>
          </span>
          <br />
          <Prose text={draft.error.hint} />
        </p>
      )}
      {draft.prompt !== '' && <TextBlock label="Prompt" text={draft.prompt} />}
      {draft.plan && <PlanText plan={draft.plan} />}
    </div>
  );
}
