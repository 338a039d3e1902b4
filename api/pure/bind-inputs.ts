import { errorMessage, type Fault } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import type { Plan, PlanInput } from '#contract/plan.ts';
import { z } from '#contract/zod.ts';

/** `approval`: every input may be bound, closed ones must be. `run`: only open ones may be given, and all must have a value then. */
export type Binding = { inputs: Plan['inputs']; bound: Record<string, Json>; given: Record<string, Json>; at: 'approval' | 'run' };
export type Bound = { values: Record<string, Json>; faults: Fault[] };

const fault = (name: string, code: string, message: string): Fault => ({ node: null, path: `inputs.${name}`, code, message });

function schemaFaults(name: string, input: PlanInput, value: Json): Fault[] {
  try {
    const parsed = z.fromJSONSchema(input.schema).safeParse(value);
    return parsed.success
      ? []
      : parsed.error.issues.map((issue) => fault([name, ...issue.path.map(String)].join('.'), 'VALUE', issue.message));
  } catch (error) {
    return [fault(name, 'SCHEMA', `its JSON Schema cannot be used: ${errorMessage(error)}`)];
  }
}

function refusal(name: string, input: PlanInput | undefined, at: Binding['at']): Fault | null {
  if (input === undefined) return fault(name, 'UNKNOWN_INPUT', 'the plan declares no such input');
  if (at === 'run' && !input.open)
    return fault(name, 'BOUND', 'it was bound at the approval; only inputs with `open: true` are given here');
  return null;
}

/** Merges defaults, bound and given values, in that order. Out: the values, and every fault of what was given or is missing. */
export function bindInputs({ inputs, bound, given, at }: Binding): Bound {
  const faults = Object.keys(given).flatMap((name) => refusal(name, Object.hasOwn(inputs, name) ? inputs[name] : undefined, at) ?? []);
  const values: Record<string, Json> = {};
  for (const [name, input] of Object.entries(inputs)) {
    const value = [given, bound].find((from) => Object.hasOwn(from, name))?.[name] ?? input.default;
    if (value !== undefined) {
      values[name] = value;
      faults.push(...schemaFaults(name, input, value));
    } else if (at === 'run' || !input.open) faults.push(fault(name, 'MISSING', 'it has no value'));
  }
  return { values, faults };
}

/** Defaults of a plan's inputs. */
export function defaultsOf(inputs: Plan['inputs']): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, input]) => (input.default === undefined ? [] : [[name, input.default]])),
  );
}
