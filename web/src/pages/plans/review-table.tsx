import { Link } from '@tanstack/react-router';
import { BookOpenCheck, ChevronDown, Check, FileText, PenLine, Play, X } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { Draft } from '#contract/objects.ts';
import { useRefusal } from '../../api/session.ts';
import { shortId } from '../../lib/format.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Empty } from '../../ui/panel.tsx';
import { DraftBadge } from '../../ui/status.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { When } from '../../ui/time.tsx';
import { ApproveDialog } from './approve-dialog.tsx';
import { DraftContent } from './draft-content.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { RejectDialog } from './reject-dialog.tsx';

type Props = { drafts: readonly Draft[]; isFiltered: boolean; opened: string | null; onOpen: (id: string | null) => void };
type Asked = { what: 'approve' | 'reject' | 'edit'; draft: Draft };

export function ReviewTable({ drafts, isFiltered, opened, onOpen }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  if (drafts.length === 0) {
    return (
      <Empty icon={FileText} title={isFiltered ? 'No draft has this status' : 'Nothing to review yet'}>
        {isFiltered ? 'Choose another status above.' : 'Use an example, write a prompt, or open a plan.'}
      </Empty>
    );
  }
  return (
    <>
      <table className="block w-full text-left lg:table">
        <thead className="hidden text-[0.85rem] text-muted lg:table-header-group">
          <tr className="border-b border-line [&>th]:px-4 [&>th]:py-2.5 [&>th]:font-medium">
            <th scope="col">ID</th>
            <th scope="col">Prompt</th>
            <th scope="col">Provider</th>
            <th scope="col">Status</th>
            <th scope="col" className="text-right">
              Actions
            </th>
          </tr>
        </thead>
        <tbody className="block divide-y divide-line lg:table-row-group">
          {drafts.map((draft) => (
            <Fragment key={draft.id}>
              <Row
                draft={draft}
                isOpen={draft.id === opened}
                onToggle={() => onOpen(draft.id === opened ? null : draft.id)}
                onAsk={setAsked}
              />
              {draft.id === opened && (
                <tr className="block lg:table-row">
                  <td colSpan={5} className="block bg-bg p-4 lg:table-cell" id={`content-${draft.id}`}>
                    <DraftContent draft={draft} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {asked?.what === 'approve' && <ApproveDialog draft={asked.draft} onClose={close} />}
      {asked?.what === 'reject' && <RejectDialog draft={asked.draft} onClose={close} />}
      {asked?.what === 'edit' && <EditDialog draft={asked.draft} onClose={close} />}
    </>
  );
}

type RowProps = { draft: Draft; isOpen: boolean; onToggle: () => void; onAsk: (asked: Asked) => void };

function Row({ draft, isOpen, onToggle, onAsk }: RowProps) {
  const title = draft.plan?.title;
  return (
    <tr className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3 align-top lg:table-row lg:[&>td]:px-4 lg:[&>td]:py-3">
      <td className="whitespace-nowrap">
        <Link to="/plans/$id" params={{ id: draft.id }} className="code text-accent hover:underline" title={draft.id}>
          {shortId(draft.id)}
        </Link>
        <div className="text-[0.82rem] text-muted">
          <When at={draft.updated_at} />
        </div>
      </td>
      <td className="order-3 w-full min-w-0 lg:w-auto lg:max-w-72">
        {title !== undefined && (
          <div className="truncate font-medium">
            <Untrusted text={title} />
          </div>
        )}
        {draft.prompt !== '' && draft.prompt !== title && (
          <div className="line-clamp-2 text-[0.92rem] text-muted [overflow-wrap:anywhere]">
            <Untrusted text={draft.prompt.slice(0, 300)} />
          </div>
        )}
      </td>
      <td className="min-w-0 text-muted [overflow-wrap:anywhere]">{draft.provider ?? '—'}</td>
      <td className="ml-auto lg:ml-0">
        <DraftBadge status={draft.status} />
      </td>
      <td className="order-4 w-full lg:w-auto">
        <RowActions draft={draft} isOpen={isOpen} onToggle={onToggle} onAsk={onAsk} />
      </td>
    </tr>
  );
}

function RowActions({ draft, isOpen, onToggle, onAsk }: RowProps) {
  const decided = draft.status === 'draft' ? null : `It is already ${draft.status}.`;
  const refusals = { approve: useRefusal('drafts_approve'), reject: useRefusal('drafts_veto'), edit: useRefusal('drafts_update') };
  const ask = (what: Asked['what']) => (): void => onAsk({ what, draft });
  return (
    <div className="flex flex-wrap gap-1.5 lg:justify-end">
      {decided === null && (
        <>
          <Link to="/plans/$id" params={{ id: draft.id }} className={buttonClass('primary', 'small')}>
            <BookOpenCheck aria-hidden className="size-4 shrink-0" />
            Read and decide
          </Link>
          <Button size="small" look="approve" icon={Check} refusal={refusals.approve} onClick={ask('approve')}>
            Approve
          </Button>
          <Button size="small" look="reject" icon={X} refusal={refusals.reject} onClick={ask('reject')}>
            Reject
          </Button>
          <Button size="small" look="edit" icon={PenLine} refusal={refusals.edit} onClick={ask('edit')}>
            Edit
          </Button>
        </>
      )}
      {draft.approved_id !== null && (
        <Link to="/runs" search={{ approved: draft.approved_id }} className={buttonClass('plain', 'small')}>
          <Play aria-hidden className="size-4 shrink-0" />
          Its runs
        </Link>
      )}
      <Button size="small" look="quiet" aria-expanded={isOpen} aria-controls={`content-${draft.id}`} onClick={onToggle}>
        View <ChevronDown aria-hidden className={`size-4 transition-transform ${isOpen ? 'rotate-180' : ''}`} />
      </Button>
    </div>
  );
}
