/**
 * What a person may change about one node while its run goes on: do it again, or leave it out. A stop only takes away and needs no
 * signature; these decide what happens, so the API signs them and the run verifies them before it obeys.
 */
import { domainBytes } from './canonical.ts';
import { ActorLabel } from './approval-rule.ts';
import { SignatureSchema, verifySignatures, type PublicKey } from './decision.ts';
import { z } from './zod.ts';

export const NODE_VERBS = ['retry', 'skip'] as const;
export type NodeVerb = (typeof NODE_VERBS)[number];

export const NodeCommandBodySchema = z.strictObject({
  command_id: z.string().min(1).max(100),
  verb: z.enum(NODE_VERBS),
  run_id: z.string(),
  /** Instance id. */
  node: z.string(),
  /** Attempts that the node had when it was looked at: what has moved on since is not what was meant. */
  attempt: z.int(),
  reason: z.string().max(2000),
  by: ActorLabel,
  at: z.iso.datetime(),
});
export type NodeCommandBody = z.output<typeof NodeCommandBodySchema>;

export const NodeCommandSchema = z.strictObject({
  ...NodeCommandBodySchema.shape,
  signatures: z.array(SignatureSchema).min(1).max(16),
});
export type NodeCommand = z.output<typeof NodeCommandSchema>;

export function nodeCommandBytes(command: NodeCommandBody | NodeCommand): Uint8Array {
  const { signatures: _signatures, ...body } = command as NodeCommand;
  return domainBytes('gimo.command.v1', body);
}

/** True when at least one signature is by a key of the ring. */
export function verifyNodeCommand(command: NodeCommand, ring: readonly PublicKey[]): boolean {
  return verifySignatures(nodeCommandBytes(command), command.signatures, ring);
}
