import { randomBytes, sign } from 'node:crypto';
import { nodeCommandBytes, type NodeCommand, type NodeCommandBody } from '#contract/node-command.ts';
import { decisionBytes, POLICY_VERSION, type Decision, type DecisionBody } from '#contract/decision.ts';
import type { Core } from '../deps.ts';
import { newId } from './ids.ts';

const NONCE_BYTES = 16;

type Given = Omit<DecisionBody, 'id' | 'policy_version' | 'at' | 'nonce'>;

/** A decision with its time, its nonce and our signature. */
export function signDecision(core: Pick<Core, 'signingKey'>, given: Given): Decision {
  const body: DecisionBody = {
    ...given,
    id: newId('decision'),
    policy_version: POLICY_VERSION,
    at: new Date().toISOString(),
    nonce: randomBytes(NONCE_BYTES).toString('hex'),
  };
  const { kid, privateKey } = core.signingKey;
  return { ...body, signatures: [{ kid, signature: sign(null, decisionBytes(body), privateKey).toString('hex') }] };
}

/** A command about a node with our signature. */
export function signNodeCommand(core: Pick<Core, 'signingKey'>, body: NodeCommandBody): NodeCommand {
  const { kid, privateKey } = core.signingKey;
  return { ...body, signatures: [{ kid, signature: sign(null, nodeCommandBytes(body), privateKey).toString('hex') }] };
}
