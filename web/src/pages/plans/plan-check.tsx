import { CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Fault } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { plural } from '#contract/plural.ts';
import { call } from '../../api/client.ts';
import { asApiError, type ApiError } from '../../api/problem.ts';
import { readPlanText } from '../../lib/plan-text.ts';
import { Failure, Faults } from '../../ui/panel.tsx';

const PAUSE_MS = 400;

/** `plan` is what would be sent: the document as read, also when it has faults that the API will name again. */
export type PlanCheck = {
  state: 'empty' | 'checking' | 'checked';
  plan: Json | null;
  faults: Fault[];
  findings: number;
  error: ApiError | null;
};

const NOTHING: PlanCheck = { state: 'empty', plan: null, faults: [], findings: 0, error: null };

/** Validates the text with the API a moment after the last key; nothing is stored. */
export function usePlanCheck(text: string): PlanCheck {
  const [last, setLast] = useState<{ text: string; check: PlanCheck } | null>(null);
  const isEmpty = text.trim() === '';
  useEffect(() => {
    if (isEmpty) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      void validate(text, stop.signal).then((check) => {
        if (!stop.signal.aborted) setLast({ text, check });
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, isEmpty]);
  if (isEmpty) return NOTHING;
  return last?.text === text ? last.check : { ...NOTHING, state: 'checking' };
}

async function validate(text: string, signal: AbortSignal): Promise<PlanCheck> {
  let plan: Json | null = null;
  try {
    const read = await readPlanText(text);
    if ('fault' in read)
      return { ...NOTHING, state: 'checked', faults: [{ node: null, path: 'text', code: 'UNREADABLE', message: read.fault }] };
    plan = read.value;
    const { faults, findings } = await call('drafts_validate', { body: { plan }, signal });
    return { state: 'checked', plan, faults, findings: findings.length, error: null };
  } catch (error) {
    return { ...NOTHING, state: 'checked', plan, error: asApiError(error) };
  }
}

export function PlanVerdict({ check }: { check: PlanCheck }) {
  if (check.error) return <Failure error={check.error} />;
  return (
    <div aria-live="polite" className="text-[0.93rem]">
      {check.state === 'checking' && <p className="text-muted">Checking…</p>}
      {check.state === 'checked' && check.faults.length === 0 && (
        <p className="flex items-center gap-1.5 text-ok">
          <CircleCheck aria-hidden className="size-4" /> Valid
          {check.findings > 0 && `, with ${plural(check.findings, 'finding')} to read before approving`}.
        </p>
      )}
      {check.state === 'checked' && check.faults.length > 0 && (
        <div className="rounded-lg bg-bad-soft p-3">
          <p className="font-semibold text-bad">{plural(check.faults.length, 'fault')}</p>
          <Faults faults={check.faults} />
        </div>
      )}
    </div>
  );
}
