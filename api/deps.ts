import type { Gics } from '#contract/gics.ts';
import type { RouteId } from '#contract/routes/index.ts';
import type { Role, TokenClass } from '#contract/objects.ts';
import type { Config } from '#platform/config.ts';
import type { SigningKey } from '#platform/keys.ts';
import type { Logger } from '#platform/log.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import type { RoleTokens } from '#platform/tokens.ts';
import type { PureTasks } from './pure/run-pure.ts';
import type { Repo } from './services/repo.ts';
import type { RunStates } from './services/run-states.ts';
import type { KeyedLock } from './services/keyed-lock.ts';
import type { Credentials } from './services/credentials.ts';

/** What the process gives to the API. */
export type Deps = {
  config: Config;
  log: Logger;
  gics: Gics;
  temporal: TemporalAccess;
  tokens: RoleTokens;
  signingKey: SigningKey;
  /** Folder of the built dashboard; it may be missing. */
  webDir: string;
  /** Folder of the plans that GIMO ships. */
  examplesDir: string;
};

/** What every use case gets: the dependencies and the state with a life. */
export type Core = Deps & {
  startedAt: number;
  credentials: Credentials;
  repo: Repo;
  pure: PureTasks;
  states: RunStates;
  locks: KeyedLock;
  /** Aborted when the API shuts down. */
  stop: AbortSignal;
};

/** Who calls. `session` is set for cookie sessions: the record's id and the CSRF value. */
export type Actor = { label: string; role: Role; class: TokenClass; session: Session | null };
export type Session = { id: string; csrf: string; expires_at: string };

/** A request with an `Idempotency-Key`: where its answer is kept. `isReplay`: it was done before, only the answer is wanted. */
export type Idempotency = { id: string; requestHash: string; rev: number; isReplay: boolean };

export type Call = { actor: Actor; action: RouteId; correlationId: string; idempotency: Idempotency | null };
