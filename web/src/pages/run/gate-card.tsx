import { Link } from '@tanstack/react-router';
import { Hand } from 'lucide-react';
import { useId, useState } from 'react';
import { evidenceTexts } from '#contract/gate-evidence.ts';
import type { Gate } from '#contract/objects.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import type { Tone } from '../../lib/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { INPUT_CLASS } from '../../ui/field.tsx';
import { Failure, Panel } from '../../ui/panel.tsx';
import { RiskBadge } from '../../ui/status.tsx';
import { Hash, Untrusted } from '../../ui/text.tsx';
import { TextGroups } from '../../ui/text-groups.tsx';
import { Until, When } from '../../ui/time.tsx';
import { answerText, OPTIONS, type Option } from './gate-options.ts';

type Answer = { option: Option; comment: string };

/** One open question with its evidence. The hash that is shown goes back with the answer. */
export function GateCard({ gate, hasRunLink }: { gate: Gate; hasRunLink?: boolean }) {
  const [comment, setComment] = useState('');
  const titleId = useId();
  const refusal = useRefusal('gates_approve');
  const answer = useAction(({ option, comment: said }: Answer, idempotencyKey) =>
    call(option.isYes ? 'gates_approve' : 'gates_reject', {
      params: { id: gate.id },
      body: { hash: gate.hash, ...(said === '' ? {} : { comment: said }), ...(option.choice && { choice: option.choice }) },
      idempotencyKey,
    }),
  );
  const evidence = evidenceTexts(gate);
  return (
    <section aria-labelledby={titleId} className="rounded-xl border-2 border-warn/60 bg-surface p-4 shadow-(--shadow) sm:p-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Hand aria-hidden className="size-5 text-warn" />
        <h2 id={titleId} className="min-w-0 flex-1 basis-52 text-lg font-semibold [overflow-wrap:anywhere]">
          <Untrusted text={gate.title} />
        </h2>
        <RiskBadge risk={gate.risk} />
      </div>
      <p className="mt-1 text-[0.9rem] text-muted">
        Asked <When at={gate.opened_at} /> by the node <span className="code">{gate.node}</span>
        {hasRunLink && (
          <>
            {' of '}
            <Link to="/runs/$id" params={{ id: gate.run_id }} className="text-accent underline">
              this run
            </Link>
          </>
        )}
        {gate.expires_at !== null && (
          <>
            . Fails <Until at={gate.expires_at} /> without an answer
          </>
        )}
        . <Hash value={gate.hash} />
      </p>
      {gate.message !== '' && (
        <p className="mt-3 whitespace-pre-wrap [overflow-wrap:anywhere]">
          <Untrusted text={gate.message} />
        </p>
      )}
      {evidence.length > 0 && (
        <div className="mt-3" role="group" aria-label="Evidence">
          <TextGroups groups={evidence} />
        </div>
      )}
      <input
        aria-label="Comment on your answer"
        placeholder="Comment (kept with the answer)"
        maxLength={5000}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
        className={`${INPUT_CLASS} my-4`}
      />
      {answer.error && <Failure error={answer.error} />}
      <ul className="flex flex-col gap-2.5">
        {OPTIONS[gate.kind].map((option) => (
          <li key={option.label} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Button
              look={option.look}
              className="min-h-11 min-w-36"
              refusal={refusal}
              disabled={answer.isPending}
              isBusy={answer.isPending && answer.variables.option === option}
              onClick={() => answer.mutate({ option, comment })}
            >
              {option.label}
            </Button>
            <span className="text-[0.92rem] text-muted">{option.explains}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const ANSWER_TONE: Record<Gate['status'], Tone> = {
  open: 'warn',
  approved: 'ok',
  rejected: 'bad',
  expired: 'neutral',
  withdrawn: 'neutral',
};

export function AnsweredGates({ gates }: { gates: readonly Gate[] }) {
  if (gates.length === 0) return null;
  return (
    <Panel title="Answered" isFlush>
      <ul className="divide-y divide-line">
        {gates.map((gate) => (
          <li key={gate.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 sm:px-5">
            <Badge tone={ANSWER_TONE[gate.status]}>{answerText(gate)}</Badge>
            <span className="min-w-0 flex-1 basis-52 [overflow-wrap:anywhere]">
              <Untrusted text={gate.title} />
              {gate.comment !== null && gate.comment !== '' && (
                <span className="block text-[0.9rem] text-muted">
                  “<Untrusted text={gate.comment} />”
                </span>
              )}
            </span>
            <span className="text-[0.88rem] text-muted">
              {gate.decided_at !== null && <When at={gate.decided_at} />}{' '}
              {gate.decided_by !== null && <span className="code">{gate.decided_by}</span>}{' '}
              <Link to="/runs/$id" params={{ id: gate.run_id }} className="text-accent underline">
                run
              </Link>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
