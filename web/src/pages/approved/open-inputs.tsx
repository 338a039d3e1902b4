import type { Json } from '#contract/json.ts';
import type { Approved } from '#contract/objects.ts';
import type { PlanInput } from '#contract/plan.ts';
import { readJson } from '../../api/problem.ts';
import { Field, INPUT_CLASS } from '../../ui/field.tsx';

type OpenInput = readonly [string, PlanInput];
type Props = {
  inputs: readonly OpenInput[];
  texts: Record<string, string>;
  onTexts: (texts: Record<string, string>) => void;
  /** What holds where a field is left empty; absent = the default of the input. */
  before?: Record<string, Json>;
};

/** Inputs that whoever starts a run may give. */
export function openInputsOf({ plan }: Approved): OpenInput[] {
  return Object.entries(plan.inputs).filter(([, input]) => input.open);
}

export function OpenInputs({ inputs, texts, onTexts, before }: Props) {
  return inputs.map(([name, input]) => {
    const held = before?.[name] ?? input.default;
    return (
      <Field key={name} label={name} hint={hintOf(input, held !== undefined)}>
        {(id) => (
          <input
            id={id}
            required={held === undefined}
            placeholder={held === undefined ? '' : asText(held)}
            value={texts[name] ?? ''}
            onChange={(event) => onTexts({ ...texts, [name]: event.target.value })}
            className={INPUT_CLASS}
          />
        )}
      </Field>
    );
  });
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function hintOf(input: PlanInput, isHeld: boolean): string {
  const type = typeof input.schema['type'] === 'string' ? input.schema['type'] : 'JSON';
  return [input.description ?? '', `(${type}${isHeld ? '; may be left empty' : ''})`].join(' ').trim();
}

/** An empty field is left out, so that what held before holds. Text stays text unless the schema wants something else. */
export function inputValues(inputs: readonly OpenInput[], texts: Record<string, string>): Record<string, Json> {
  return Object.fromEntries(inputs.flatMap(([name, input]) => valueOf(name, texts[name] ?? '', input)));
}

function valueOf(name: string, text: string, input: PlanInput): [string, Json][] {
  if (text === '') return [];
  if (input.schema['type'] === 'string') return [[name, text]];
  const value = readJson(text);
  return [[name, value === undefined ? text : (value as Json)]];
}
