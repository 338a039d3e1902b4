import { errorCode, GimoError } from '#contract/errors.ts';
import type { EffectInput } from '#contract/messages.ts';
import type { Permit, Permits } from './permits.ts';

/** Each run that starts on an approval changes its record, and with it the revision that the effects of all others check. */
const TRIES = 20;

/**
 * Does the work on the approval as it stands in that instant: when it changed since it was verified, it is read and verified again.
 * Out: what the work gave. Throws: what verifying or the work throws; GICS_UNAVAILABLE, which Temporal tries again, when the approval
 * was in order each time and changed again before the work was done.
 */
export async function onApproval<T>(
  permits: Pick<Permits, 'forEffect' | 'forget'>,
  input: EffectInput,
  work: (permit: Permit) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const permit = await permits.forEffect(input);
    try {
      return await work(permit);
    } catch (error) {
      if (errorCode(error) !== 'CONFLICT') throw error;
      permits.forget(input.approved_id);
      if (tries === TRIES)
        throw new GimoError('GICS_UNAVAILABLE', { message: 'More runs start on the approval than can be kept up with.', cause: error });
    }
  }
}
