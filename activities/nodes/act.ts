import type { EffectInput } from '#contract/messages.ts';
import type { EffectKind } from '#contract/nodes/index.ts';
import type { Approved } from '#contract/objects.ts';
import type { WithOf } from '#contract/plan.ts';
import type { ActivityDeps } from '../deps.ts';
import type { Acted, LedgerEntry } from '../effects/ledger.ts';
import type { OutputStream } from '../effects/output-stream.ts';

/** What an effect has to act with. Its intent is in the ledger, its permit has been checked. */
export type EffectCall<K extends EffectKind> = {
  deps: ActivityDeps;
  input: EffectInput;
  with: WithOf<K>;
  approved: Approved;
  /** Whether what was approved, and granted since, covers that a file is changed. */
  mayWrite: (path: string) => boolean;
  /** Key of the ledger entry: names the effect everywhere, as in the trailer of a commit. */
  key: string;
  entry: LedgerEntry;
  /** Aborted by a stop of the run, by a cancel of Temporal and by the end of this worker. */
  signal: AbortSignal;
  output: OutputStream;
};

/** The side-effect part of a kind. Throws: coded errors, which become the error of the node. */
export type EffectAct<K extends EffectKind> = (call: EffectCall<K>) => Promise<Acted>;

export const FREE = { cost_usd: 0, tokens: 0 } as const;
