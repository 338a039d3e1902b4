import { Context } from '@temporalio/activity';
import type { ActivityApi } from '#contract/messages.ts';
import type { EffectKind } from '#contract/nodes/index.ts';
import type { ActivityDeps } from './deps.ts';
import { Ledger } from './effects/ledger.ts';
import { effectActivity } from './effects/run-effect.ts';
import { shortBatches } from './effects/short-batches.ts';
import { toApplicationFailure } from './failure.ts';
import { EFFECT_ACTS } from './nodes/index.ts';
import { admitRun } from './runs/admission.ts';
import { checkProvider } from './runs/check-provider.ts';
import { cleanUp } from './runs/clean-up.ts';
import { closeRun } from './runs/close-run.ts';
import { findAgent, openDelegation, readDelegation } from './runs/delegations.ts';
import { openGate, writeEvents } from './runs/events.ts';
import { generatePlan } from './runs/generate.ts';
import { listTools } from './runs/list-tools.ts';
import { loadRun } from './runs/load-run.ts';
import { keepSegment } from './runs/segments.ts';

const HEARTBEAT_MS = 1000;

/** Errors leave an activity in one form only; that its worker is gone is noticed by the missing heartbeats. */
function coded<I, O>(deps: ActivityDeps, activity: (deps: ActivityDeps, input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    const context = Context.current();
    // What runs inside of a workflow task has none.
    const beat = context.info.isLocal ? undefined : setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    try {
      return await activity(deps, input);
    } catch (error) {
      throw toApplicationFailure(error);
    } finally {
      clearInterval(beat);
    }
  };
}

type EffectActivities = Pick<ActivityApi, EffectKind>;

/** Everything that workflows may ask of the outside. */
export function createActivities(deps: ActivityDeps): ActivityApi {
  const ledger = new Ledger(deps.gics, deps.workerId);
  const effects: EffectActivities = {
    llm: effectActivity(deps, ledger, 'llm', EFFECT_ACTS.llm),
    process: effectActivity(deps, ledger, 'process', EFFECT_ACTS.process),
    patch: effectActivity(deps, ledger, 'patch', EFFECT_ACTS.patch),
    http: effectActivity(deps, ledger, 'http', EFFECT_ACTS.http),
    notify: effectActivity(deps, ledger, 'notify', EFFECT_ACTS.notify),
    mcp_tool: effectActivity(deps, ledger, 'mcp_tool', EFFECT_ACTS.mcp_tool),
    noop: effectActivity(deps, ledger, 'noop', EFFECT_ACTS.noop),
  };
  return {
    loadRun: coded(deps, loadRun),
    admitRun: coded(deps, admitRun),
    writeEvents: coded(deps, writeEvents),
    keepSegment: coded(deps, keepSegment),
    openGate: coded(deps, openGate),
    closeRun: coded(deps, closeRun),
    findAgent: coded(deps, findAgent),
    openDelegation: coded(deps, openDelegation),
    readDelegation: coded(deps, readDelegation),
    generatePlan: coded(deps, generatePlan),
    checkProvider: coded(deps, checkProvider),
    listTools: coded(deps, listTools),
    cleanUp: () => coded(deps, cleanUp)(undefined),
    ...effects,
    shortEffects: shortBatches(effects),
  };
}
