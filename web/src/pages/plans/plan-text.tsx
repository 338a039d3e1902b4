import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Plan } from '#contract/plan.ts';
import { writePlanText } from '../../lib/plan-text.ts';
import { Choice } from '../../ui/list.tsx';
import { Loaded } from '../../ui/panel.tsx';
import { CopyButton, TextBlock } from '../../ui/text.tsx';

const FORMS = [
  ['yaml', 'YAML'],
  ['json', 'JSON'],
] as const;

/** The complete plan, in the form that reads best. */
export function PlanText({ plan, isTall }: { plan: Plan; isTall?: boolean }) {
  const [form, setForm] = useState<'yaml' | 'json'>('yaml');
  const json = JSON.stringify(plan, null, 2);
  const text = useQuery({
    queryKey: ['plan-text', form, json],
    queryFn: () => (form === 'json' ? json : writePlanText(plan)),
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <Loaded query={text} lines={8}>
      {(shown) => (
        <>
          <div className="mb-2 flex items-center gap-2">
            <Choice label="Form of the text" value={form} options={FORMS} onChange={setForm} />
            <span className="text-[0.87rem] text-muted">{shown.split('\n').length.toLocaleString('en')} lines, complete</span>
            <CopyButton text={shown} label="Copy the plan" />
          </div>
          <TextBlock label="Plan" text={shown} isTall={isTall ?? false} />
        </>
      )}
    </Loaded>
  );
}
