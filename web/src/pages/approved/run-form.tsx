import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Json } from '#contract/json.ts';
import type { Approved } from '#contract/objects.ts';
import type { PlanInput } from '#contract/plan.ts';
import { call } from '../../api/client.ts';
import { readJson } from '../../api/problem.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Field, INPUT_CLASS } from '../../ui/field.tsx';
import { Failure } from '../../ui/panel.tsx';
import { useNow } from '../../ui/time.tsx';
import { cannotRun } from './state.tsx';

/** Starts a run; inputs that the plan leaves open are asked for here. */
export function RunForm({ approved }: { approved: Approved }) {
  const open = Object.entries(approved.plan.inputs).filter(([, input]) => input.open);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const navigate = useNavigate();
  const role = useRefusal('runs_create');
  const refusal = cannotRun(approved, useNow(10_000)) ?? role;
  const start = useAction(
    (inputs: Record<string, Json>, idempotencyKey) => call('runs_create', { body: { approved_id: approved.id, inputs }, idempotencyKey }),
    (run) => void navigate({ to: '/runs/$id', params: { id: run.id } }),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    start.mutate(Object.fromEntries(open.flatMap(([name, input]) => valueOf(name, texts[name] ?? '', input))));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {start.error && <Failure error={start.error} />}
      {open.map(([name, input]) => (
        <Field key={name} label={name} hint={hintOf(input)}>
          {(id) => (
            <input
              id={id}
              required={input.default === undefined}
              placeholder={input.default === undefined ? '' : asText(input.default)}
              value={texts[name] ?? ''}
              onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
              className={INPUT_CLASS}
            />
          )}
        </Field>
      ))}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="approve" icon={Play} refusal={refusal} isBusy={start.isPending}>
          Run
        </Button>
        <span className="text-muted">{refusal ?? (open.length === 0 ? 'It asks for nothing more.' : '')}</span>
      </div>
    </form>
  );
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function hintOf(input: PlanInput): string {
  const type = typeof input.schema['type'] === 'string' ? input.schema['type'] : 'JSON';
  return [input.description ?? '', `(${type}${input.default === undefined ? '' : '; may be left empty'})`].join(' ').trim();
}

/** An empty field is left out, so that the default holds. Text stays text unless the schema wants something else. */
function valueOf(name: string, text: string, input: PlanInput): [string, Json][] {
  if (text === '') return [];
  if (input.schema['type'] === 'string') return [[name, text]];
  const value = readJson(text);
  return [[name, value === undefined ? text : (value as Json)]];
}
