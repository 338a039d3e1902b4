import { GimoError } from '#contract/errors.ts';
import type { Approved } from '#contract/objects.ts';
import type { Core } from '../deps.ts';
import type { PageRequest } from './drafts.ts';

export async function listApproved(core: Core, page: PageRequest): Promise<{ approved: Approved[]; next: string | null }> {
  const { records, cursor } = await core.gics.list<Approved>('approved', page);
  return { approved: records.map((record) => record.value), next: cursor };
}

/** Throws: NOT_FOUND. */
export async function getApproved(core: Core, id: string): Promise<Approved> {
  const record = await core.gics.get<Approved>('approved', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no approved artifact ${id}.` });
  return record.value;
}
