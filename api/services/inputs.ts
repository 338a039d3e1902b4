import { GimoError } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import type { Core } from '../deps.ts';
import type { Binding } from '../pure/bind-inputs.ts';

/** Patterns in a JSON Schema are the plan author's regular expressions: how long they take is up to them. */
const HOSTILE = /"pattern(?:Properties)?"/;

/** Binds and checks inputs. Throws: INPUTS_INVALID with every fault. */
export async function requireInputs(core: Core, binding: Binding): Promise<Record<string, Json>> {
  const text = JSON.stringify(binding.inputs);
  const { values, faults } = await core.pure.run('bindInputs', binding, { sizeBytes: text.length, isHostile: HOSTILE.test(text) });
  if (faults.length === 0) return values;
  const [first] = faults;
  throw new GimoError('INPUTS_INVALID', { message: `The inputs do not fit: ${first?.path} ${first?.message}.`, faults });
}
