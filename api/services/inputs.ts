import { errorCode, GimoError } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import type { Core } from '../deps.ts';
import type { Binding, Bound } from '../pure/bind-inputs.ts';

/** Patterns in a JSON Schema are the plan author's regular expressions: how long they take is up to them. */
const HOSTILE = /"(?:pattern|patternProperties)":/;

/** Binds and checks inputs. Waits: ≤ 2 s for patterns. Throws: INPUTS_INVALID with every fault. */
export async function requireInputs(core: Core, binding: Binding): Promise<Record<string, Json>> {
  const { values, faults } = await bind(core, binding);
  if (faults.length === 0) return values;
  const [first] = faults;
  throw new GimoError('INPUTS_INVALID', { message: `The inputs do not fit: ${first?.path} ${first?.message}.`, faults });
}

async function bind(core: Core, binding: Binding): Promise<Bound> {
  const text = JSON.stringify(binding.inputs);
  if (!HOSTILE.test(text)) return core.pure.run('bindInputs', binding, { sizeBytes: text.length });
  try {
    // One at a time, so that not every processor is busy with patterns.
    return await core.locks.run('patterns', () => core.pure.runHostile('bindInputs', binding));
  } catch (error) {
    if (errorCode(error) !== 'TIMEOUT') throw error;
    throw new GimoError('INPUTS_INVALID', {
      message: 'The inputs could not be checked within 2 s: a `pattern` of the plan is too slow.',
      cause: error,
    });
  }
}
