import { randomBytes, sign } from 'node:crypto';
import { nodeCommandBytes, type NodeCommand, type NodeCommandBody } from '#contract/node-command.ts';
import { delegateCommandBytes, type DelegateCommand, type DelegateCommandBody } from '#contract/delegation.ts';
import { decisionBytes, POLICY_VERSION, type Decision, type DecisionBody } from '#contract/decision.ts';
import { runStartBytes, type RunStart, type RunStartBody } from '#contract/run-start.ts';
import type { Actor, Core } from '../deps.ts';
import { newId } from './ids.ts';

const NONCE_BYTES = 16;

type Given = Omit<DecisionBody, 'id' | 'policy_version' | 'at' | 'nonce'>;

/** Who decides, as a decision names them. */
export function signerOf({ label, name }: Actor): Pick<DecisionBody, 'by' | 'by_name'> {
  return { by: label, ...(name === null ? {} : { by_name: name }) };
}

/** A decision with its time, its nonce and our signatures. */
export function signDecision(core: Pick<Core, 'signingKey'>, given: Given): Decision {
  const body: DecisionBody = {
    ...given,
    id: newId('decision'),
    policy_version: POLICY_VERSION,
    at: new Date().toISOString(),
    nonce: randomBytes(NONCE_BYTES).toString('hex'),
  };
  return { ...body, signatures: signatures(core, decisionBytes(body), body.subject === 'gate') };
}

/** A run verifies what reaches it with the public keys of its start, so for a run the keys of that time sign along. */
function signatures(core: Pick<Core, 'signingKey'>, bytes: Uint8Array, isForRun: boolean): Decision['signatures'] {
  const { earlier, ...current } = core.signingKey();
  const keys = isForRun ? [current, ...earlier] : [current];
  return keys.map(({ kid, privateKey }) => ({ kid, signature: sign(null, bytes, privateKey).toString('hex') }));
}

/** A delegation with our signature. */
export function signDelegateCommand(core: Pick<Core, 'signingKey'>, body: DelegateCommandBody): DelegateCommand {
  return { ...body, signatures: signatures(core, delegateCommandBytes(body), true) };
}

/** A command about a node with our signature. */
export function signNodeCommand(core: Pick<Core, 'signingKey'>, body: NodeCommandBody): NodeCommand {
  return { ...body, signatures: signatures(core, nodeCommandBytes(body), true) };
}

/** Who asked for a run, with our signature. */
export function signRunStart(core: Pick<Core, 'signingKey'>, body: RunStartBody): RunStart {
  return { ...body, signatures: signatures(core, runStartBytes(body), false) };
}
