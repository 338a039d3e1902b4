import type { PayloadCodec } from '@temporalio/common';
import type { Gics } from '#contract/gics.ts';
import type { RouteId } from '#contract/routes/index.ts';
import type { Config } from '#platform/config.ts';
import type { SigningKey } from '#platform/keys.ts';
import type { Logger } from '#platform/log.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import type { RoleTokens } from '#platform/tokens.ts';
import type { PureTasks } from './pure/run-pure.ts';
import type { Checkpoints } from './services/checkpoints.ts';
import type { Repo } from './services/repo.ts';
import type { RunStates } from './services/run-states.ts';
import type { HttpTimes } from './server-options.ts';
import type { KeyedLock } from './services/keyed-lock.ts';
import type { Credentials, Holder } from './services/credentials.ts';
import type { Sources } from './services/sources.ts';
import type { Views } from './services/views.ts';

/** What the process gives to the API. */
export type Deps = {
  config: Config;
  log: Logger;
  gics: Gics;
  temporal: TemporalAccess;
  /** How payloads of Temporal are written. */
  payloadCodecs: PayloadCodec[];
  tokens: RoleTokens;
  /** The key in use, read anew for each signature: a rotation counts from the next one on. */
  signingKey: () => SigningKey;
  /** Folder of the built dashboard; it may be missing. */
  webDir: string;
  /** How long a client may take: api/server-options.ts. */
  httpTimes: HttpTimes;
  /** Folder of the plans that GIMO ships. */
  examplesDir: string;
};

/** What every use case gets: the dependencies and the state with a life. */
export type Core = Deps & {
  startedAt: number;
  credentials: Credentials;
  sources: Sources;
  checkpoints: Checkpoints;
  views: Views;
  repo: Repo;
  pure: PureTasks;
  states: RunStates;
  locks: KeyedLock;
  /** Aborted when the API shuts down. */
  stop: AbortSignal;
};

/** Who calls. `session` is set for cookie sessions: the record's id and the CSRF value. */
export type Actor = Holder & { session: Session | null };
export type Session = { id: string; csrf: string; expires_at: string };

/** A request with an `Idempotency-Key`: where its answer is kept. `isReplay`: it was done before, only the answer is wanted. */
export type Idempotency = { id: string; requestHash: string; rev: number; isReplay: boolean };

/** `panicRev`: the revision of the lockdown's record under which a change was let in; absent where a lockdown does not matter. */
export type Call = { actor: Actor; action: RouteId; correlationId: string; idempotency: Idempotency | null; panicRev?: number };
