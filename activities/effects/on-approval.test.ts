import { describe, expect, it } from 'vitest';
import { errorCode, GimoError, INFRASTRUCTURE } from '#contract/errors.ts';
import type { EffectInput } from '#contract/messages.ts';
import { onApproval } from './on-approval.ts';
import type { Permit } from './permits.ts';

const input = { approved_id: 'a_1' } as EffectInput;

/** An approval whose record changes so often before the work on it gets through. */
function changing(times: number) {
  const seen = { verified: 0, known: false };
  const permits = {
    forEffect: async (): Promise<Permit> => {
      if (!seen.known) seen.verified += 1;
      seen.known = true;
      return {} as Permit;
    },
    forget: () => void (seen.known = false),
  };
  const work = async (): Promise<string> => {
    if (seen.verified <= times) throw new GimoError('CONFLICT', { message: 'The approval changed.' });
    return 'done';
  };
  return { seen, permits, work };
}

describe('an effect on an approval on which many runs start at once', () => {
  it('verifies it again for each change and is done', async () => {
    const { seen, permits, work } = changing(12);
    expect(await onApproval(permits, input, work)).toBe('done');
    expect(seen.verified).toBe(13);
  });

  it('is left to Temporal to try again when that goes on, and its node does not fail', async () => {
    const { permits, work } = changing(Infinity);
    const code = await onApproval(permits, input, work).then(() => null, errorCode);
    expect(code !== null && INFRASTRUCTURE.has(code)).toBe(true);
  });

  it('is refused as soon as the approval no longer stands', async () => {
    const { permits, work } = changing(Infinity);
    let looks = 0;
    const forEffect = async (): Promise<Permit> => {
      if (++looks === 2) throw new GimoError('APPROVAL_REVOKED');
      return permits.forEffect();
    };
    expect(await onApproval({ ...permits, forEffect }, input, work).then(() => null, errorCode)).toBe('APPROVAL_REVOKED');
  });
});
