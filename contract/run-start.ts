/** Who asked for a run, signed by the API: the worker starts nothing else, whatever the store or Temporal say. */
import { ActorLabel } from './approval-rule.ts';
import { domainBytes, hashOf } from './canonical.ts';
import { SignatureSchema } from './decision.ts';
import type { Json } from './json.ts';
import { z } from './zod.ts';

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/);

export const RunStartSchema = z.strictObject({
  run_id: z.string(),
  approved_id: z.string(),
  approval_hash: Hex64,
  /** Of the inputs that the run was given. */
  inputs_hash: Hex64,
  /** Blob of what a fork takes over. */
  reuse_ref: z.string().nullable(),
  by: ActorLabel,
  at: z.iso.datetime(),
  signatures: z.array(SignatureSchema).min(1).max(16),
});
export type RunStart = z.output<typeof RunStartSchema>;
export type RunStartBody = Omit<RunStart, 'signatures'>;

export function runStartBytes(start: RunStart | RunStartBody): Uint8Array {
  const { signatures: _signatures, ...body } = start as RunStart;
  return domainBytes('gimo.start.v1', body);
}

export function inputsHash(inputs: Record<string, Json>): string {
  return hashOf('gimo.inputs.v1', inputs);
}

type Started = { id: string; approved_id: string; inputs: Record<string, Json>; reuse_ref?: string | undefined; start?: unknown };
type IsSigned = (bytes: Uint8Array, signatures: RunStart['signatures']) => boolean;

/** Why nobody asked for this run as it is stored; null when somebody did. In: its record, the hash and the end of its approval. */
export function runStartFault(run: Started, approval: { hash: string; expires_at: string }, isSigned: IsSigned): string | null {
  const parsed = RunStartSchema.safeParse(run.start);
  if (!parsed.success) return 'nobody asked the API for it';
  const start = parsed.data;
  if (start.run_id !== run.id || start.approved_id !== run.approved_id || start.approval_hash !== approval.hash)
    return 'it was asked for as another run';
  if (start.inputs_hash !== inputsHash(run.inputs)) return 'its inputs were changed';
  if (start.reuse_ref !== (run.reuse_ref ?? null)) return 'what it takes over was changed';
  if (start.at > approval.expires_at) return 'its approval had expired';
  return isSigned(runStartBytes(start), start.signatures) ? null : 'no signature is by a key of the ring';
}
