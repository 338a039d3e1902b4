import { GimoError } from '#contract/errors.ts';
import { validations } from '#contract/nodes/patch.ts';
import { findMask } from '#platform/redact.ts';
import { applyPatch, snapshotFiles, type ValidationResult } from '../workspace/apply-patch.ts';
import type { PatchContent } from '../workspace/patch-named.ts';
import type { Workspace } from '../workspace/place.ts';
import { keepSnapshot } from '../runs/snapshots.ts';
import { runWorkspace } from '../runs/branch.ts';
import { FREE, type EffectAct, type EffectCall } from './act.ts';
import { runFenced } from './fenced.ts';

const VALIDATION_MEMORY_MB = 2048;

/** Applied, validated in the fence, committed under the key of this effect, or rolled back as a whole. Safe to repeat. */
export const actPatch: EffectAct<'patch'> = async (call) => {
  const { deps, input, key } = call;
  const { diff, files, base, base_hashes, validate, message } = call.with;
  const workspace = await runWorkspace(deps, input.run_id, call.approved);
  const content = diff === undefined ? { files: files ?? [] } : { diff };
  refuseMasks(content);
  const request = { ...content, ...(base_hashes === undefined ? {} : { base_hashes }), mayWrite: call.mayWrite };
  await keepSnapshot(deps, { runId: input.run_id, key, files: await snapshotFiles(workspace, request) });
  const commands = validations(validate);
  const applied = await applyPatch(workspace, {
    ...request,
    ...(base === undefined ? {} : { base }),
    ...(commands[0] === undefined ? {} : { validate: commands[0] }),
    effectId: key,
    message: message ?? `${input.node}: ${call.approved.plan.title}`,
    runValidate: () => runValidations(call, workspace, commands),
  });
  return { result: { outcome: 'done', output: { commit: applied.commit, files: applied.files }, ...FREE }, facts: {} };
};

/** What earlier nodes read comes without its secrets: written back, the masks would stand in the place of them. */
function refuseMasks(content: PatchContent): void {
  const written = 'files' in content ? content.files.map((file) => file.content ?? '') : content.diff.match(/^\+.*/gm);
  const mask = (written ?? []).map(findMask).find((found) => found !== null);
  if (mask === undefined) return;
  throw new GimoError('PATCH_PRECONDITION', {
    message: `The patch would write \`${mask}\`, which stands for a secret that GIMO cut out of an output.`,
    hint: 'Let a process change that file in the workspace, or give a diff that leaves the line with the secret alone.',
  });
}

/** One after the other; the first that does not end with 0 decides. */
async function runValidations(call: EffectCall<'patch'>, workspace: Workspace, commands: string[][]): Promise<ValidationResult> {
  let last: ValidationResult = { exit_code: 0, stdout: '', stderr: '' };
  for (const argv of commands) {
    const { timeout_ms: timeoutMs } = call.input;
    last = await runFenced(call, { argv, workspace, write: ['.'], memoryMb: VALIDATION_MEMORY_MB, timeoutMs, signal: call.signal });
    if (last.exit_code !== 0) break;
  }
  return last;
}
