/**
 * Every coded error of GIMO: HTTP status, sentence, what to do next, whether the same call may succeed later.
 * Codes are part of the interface: clients compare `code`, never the text.
 */
import type { Json } from './json.ts';

type ErrorRow = { status: number; sentence: string; hint: string; retryable: boolean };

const row = (status: number, sentence: string, hint: string, retryable = false): ErrorRow => ({ status, sentence, hint, retryable });

export const ERRORS = {
  // the caller
  BAD_REQUEST: row(400, 'The request is not valid.', 'Correct the fields named in `faults` and send it again.'),
  BAD_JSON: row(
    400,
    'The body could not be read.',
    'Send one well-formed JSON (or YAML) document without duplicate keys, aliases or integers beyond 2^53.',
  ),
  PLAN_INVALID: row(400, 'The plan is not valid.', 'Correct every fault in `faults`; each names the node and the path.'),
  INPUTS_INVALID: row(400, 'The inputs do not fit what the plan declares.', 'Give every declared input a value that fits its schema.'),
  TOKEN_IN_URL: row(
    400,
    'A token does not belong into an address.',
    'Send it as `Authorization: Bearer <token>`, and make a new one: addresses end up in logs and histories.',
  ),
  UNAUTHENTICATED: row(401, 'Who is calling is not known.', 'Send `Authorization: Bearer <token>`, or sign in.'),
  FORBIDDEN: row(403, 'This credential may not do that.', 'Use a credential with the role and class that the route names.'),
  CSRF: row(403, 'The request did not come from the dashboard.', 'Send the `x-gimo-csrf` header that /auth/session returns.'),
  HOST_REFUSED: row(403, 'The Host or Origin of the request is not allowed.', 'Call the address that `npm start` printed.'),
  REPO_NOT_ALLOWED: row(403, 'That repository is not on the allowlist.', 'An admin adds it with PUT /ui/allowlist (`gimo allowlist put`).'),
  DRAFT_NOT_RUNNABLE: row(403, 'A draft is never executed.', 'Approve the draft, then start a run from the approved artifact (a_…).'),
  NOT_FOUND: row(404, 'There is no such object.', 'Check the id; lists show what exists.'),
  PATH_REFUSED: row(
    403,
    'That path is not shown.',
    'Only plain files of the active repository are: no links, nothing that git ignores, nothing that looks like a secret, no .git.',
  ),
  METHOD_NOT_ALLOWED: row(405, 'That method does not exist here.', 'See /openapi.json for the methods of each path.'),
  CONFLICT: row(409, 'Somebody changed it first.', 'Read it again and decide on what it is now.'),
  ALREADY_DECIDED: row(409, 'It has already been decided.', 'Read it again: it names who decided and when.'),
  NOT_SUPERVISED: row(
    409,
    'Nothing here would start it again.',
    'Restart it with whatever started it; `npm start` brings parts back by itself.',
  ),
  ALREADY_VOTED: row(
    409,
    'You have agreed to it already.',
    'The other people who have to agree decide now; the packet says how many are missing.',
  ),
  SELF_APPROVAL: row(
    403,
    'Whoever wrote it does not approve it.',
    'Ask another person to approve it; an admin sets `approval.self_approval` (PUT /ops/config) where one person works alone.',
  ),
  PERSON_REQUIRED: row(
    403,
    'This decision counts people, and a role token names nobody.',
    'Use a named token: an admin makes one (`gimo tokens create --label NAME --role operator`).',
  ),
  HASH_MISMATCH: row(409, 'The hash is not that of what is stored now.', 'Open the packet again; what was shown has changed since.'),
  ALREADY_CANCELLED: row(409, 'The run has already been cancelled or has ended.', 'Read its receipt.'),
  RUN_NOT_ACTIVE: row(409, 'The run is not in a state that allows this.', 'Read the run; its status says what is possible.'),
  FORK_REFUSED: row(409, 'The run cannot be forked there.', 'Fork from an earlier node, or start a new run.'),
  NODE_STATE: row(409, 'The node is not in a state that allows this.', 'Read the node; its status and its log say what is possible.'),
  MAX_RUNS_SPENT: row(
    409,
    'This approval has been used as often as it allows.',
    'Approve the plan again, or give `policy.max_runs` a higher number.',
  ),
  APPROVAL_EXPIRED: row(409, 'The approval has expired.', 'Approve the plan again.'),
  APPROVAL_REVOKED: row(409, 'The approval was revoked.', 'Approve the plan again.'),
  BODY_TOO_LARGE: row(413, 'The body is too large.', 'Send at most 8 MiB; put large content into files of the repository.'),
  FILE_TOO_LARGE: row(
    413,
    'The file or folder is too large to be shown.',
    'Open it on the machine; 16 MiB and 20,000 entries are the limits.',
  ),
  UNSUPPORTED_MEDIA: row(415, 'That content type is not read here.', 'Send application/json or application/yaml.'),
  IDEMPOTENCY_MISMATCH: row(422, 'This Idempotency-Key was used with another body.', 'Use a new key for a new request.'),
  HASH_REQUIRED: row(428, 'This draft may only be approved by its hash.', 'Open the packet and send its `hash` with the approval.'),
  PANIC: row(
    423,
    'This instance is locked down: nothing is changed.',
    'Stopping still works; an admin ends it with `gimo security resolve`.',
  ),
  SOURCE_LOCKED: row(
    429,
    'Too many unknown tokens came from this address.',
    'Send a valid token, which is always let in, or wait for the seconds in Retry-After.',
    true,
  ),
  RATE_LIMITED: row(429, 'Too many requests.', 'Wait for the seconds in Retry-After.', true),
  INTERNAL: row(500, 'Something failed inside GIMO.', 'Give the correlation id to whoever runs this instance; its log has the cause.'),
  // parts of the system
  GICS_UNAVAILABLE: row(503, 'The store (GICS) does not answer.', 'It restarts by itself; /ready shows its state.', true),
  GICS_CONFLICT: row(409, 'A compare-and-set found another revision.', 'Read the record again.'),
  GICS_FULL: row(503, 'The store cannot write: the disk is full.', 'Free space in the data directory; cancelling still works.', true),
  GICS_DATA_NEWER: row(
    500,
    'The data directory was written by a newer version.',
    'Start that version, or restore a backup made by this one.',
  ),
  GICS_LOCKED: row(
    500,
    'The data directory is in use by another instance.',
    'Stop the other instance, or choose another directory with --data.',
  ),
  GICS_CORRUPT: row(500, 'The store failed its integrity check.', 'Restore the last backup with `gimo restore`.'),
  BLOB_CORRUPT: row(500, 'A stored blob does not have its hash.', 'Restore the last backup with `gimo restore`.'),
  TEMPORAL_UNAVAILABLE: row(503, 'The workflow engine (Temporal) does not answer.', 'It restarts by itself; /ready shows its state.', true),
  AUDIT_UNAVAILABLE: row(
    503,
    'The audit entry could not be written, so nothing was done.',
    'Try again when /ready shows GICS as ok.',
    true,
  ),
  AUDIT_FORKED: row(
    409,
    'The audit log does not continue from its last checkpoint, so it is not signed.',
    '`gimo verify` says what was changed; after restoring an older backup, move the newer checkpoints away.',
  ),
  // approvals and effects
  APPROVAL_INVALID: row(409, 'The approval does not verify.', 'Approve the plan again; the audit log names what did not match.'),
  OUTSIDE_ENVELOPE: row(409, 'The effect lies outside what was approved.', 'Widen the envelope of the plan and have it approved again.'),
  SANDBOX_MISSING: row(
    409,
    'No sandbox is available, so nothing may be executed here.',
    'Install bubblewrap (bwrap), or set GIMO_UNFENCED=1 to accept running without a fence.',
  ),
  REPO_REFUSED: row(409, 'The repository cannot be used.', 'Select a git repository with at least one commit.'),
  WORKSPACE_FAILED: row(500, 'The private clone of the repository could not be made.', 'Read the message: it quotes git.', true),
  PATCH_PRECONDITION: row(409, 'The files are not what the patch was made for.', 'Make the patch again from the current base.'),
  PATCH_FAILED: row(409, 'The patch does not apply.', 'Make the patch again; the message quotes git.'),
  VALIDATION_FAILED: row(409, 'The validation command failed, and the change was rolled back.', 'Read its output, correct the patch.'),
  PROCESS_FAILED: row(
    409,
    'The process ended with an exit code that is not allowed.',
    'Read its output; `allow_exit` lists the codes that count as success.',
  ),
  PROCESS_NOT_FOUND: row(409, 'The program was not found.', 'Install it, or correct argv[0].'),
  ADDRESS_REFUSED: row(
    409,
    'This address may not be called from here.',
    'Call a public host; an admin may open a local service as host:port: PUT /ops/config `local_hosts`.',
  ),
  SECRET_REFUSED: row(
    409,
    'This secret may not be sent there.',
    'An admin names the variable and its hosts: PUT /ops/config `node_secrets`; secrets only travel by https.',
  ),
  WEBHOOK_UNKNOWN: row(
    409,
    'There is no such webhook.',
    'An admin registers it (POST /ops/webhooks); GET /ops/webhooks lists what there is.',
  ),
  HTTP_FAILED: row(503, 'The request did not get an answer.', 'See that the host answers; `retry` tries again.', true),
  HTTP_STATUS: row(409, 'The server answered with an error.', 'Read its answer; `allow_status` lists the statuses that count as answers.'),
  TIMEOUT: row(409, 'It took longer than its limit.', 'Raise `timeout_ms`, or make the work smaller.', true),
  STOPPED: row(409, 'It was stopped.', 'Start a new run to do it again.'),
  REJECTED: row(409, 'A person rejected it.', 'Read the comment on the gate.'),
  EXPRESSION_FAILED: row(409, 'An expression could not be evaluated.', 'Correct the expression; the message names it.'),
  OUTPUT_TOO_LARGE: row(409, 'The output is larger than allowed.', 'Write large results to files of the workspace.'),
  BUDGET_EXCEEDED: row(409, 'The budget does not allow this.', 'Raise the budget in the plan and have it approved again.'),
  OUTCOME_UNKNOWN: row(
    409,
    'A crash left the outcome of this effect unknown.',
    'Look at the evidence and answer the gate: done, redo or fail.',
    false,
  ),
  WORKER_LOST: row(503, 'The worker was lost while it ran this node.', 'It is retried by itself where that is safe.', true),
  // providers
  PROVIDER_UNKNOWN: row(400, 'There is no such provider.', 'Use a name that GET /ops/provider lists.'),
  PROVIDER_NOT_CONFIGURED: row(
    409,
    'No provider is configured for this node.',
    'Set the provider and its key (PUT /ops/provider), then run again.',
  ),
  ENV_UNSET: row(
    409,
    'An environment variable that the provider needs is not set.',
    'Set it in the environment of `npm start` and start again.',
  ),
  PROVIDER_RATE_LIMITED: row(429, 'The provider limits our rate.', 'It is retried after the time that the provider asked for.', true),
  PROVIDER_QUOTA: row(409, 'The quota or credit at the provider is used up.', 'Add credit there, or switch to another provider.'),
  PROVIDER_UNAVAILABLE: row(
    503,
    'The provider does not answer.',
    'Start it, or choose another provider (dashboard: Provider; `gimo provider put`), then run again.',
    true,
  ),
  PROVIDER_REFUSED_REQUEST: row(409, 'The provider refused the request.', 'Check the model name and the parameters.'),
  PROVIDER_AUTH: row(409, 'The provider refused the key.', 'Check the environment variable that holds it.'),
  PROVIDER_CONTEXT_TOO_LONG: row(409, 'The prompt is longer than the model takes.', 'Shorten it, or choose a model with a larger window.'),
  PROVIDER_REFUSAL: row(409, 'The model refused to answer.', 'Rephrase the task; refusals are never routed around.'),
  PROVIDER_TRUNCATED: row(503, 'The answer of the provider broke off.', 'It is retried; what arrived is kept.', true),
  PROVIDER_BAD_OUTPUT: row(
    409,
    'The model did not give the structure that was asked for.',
    'Simplify the schema or choose another model.',
    true,
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** One fault of an input: where it is, and what is wrong there. `node` is null when the fault is not inside a node. */
export type Fault = { node: string | null; path: string; code: string; message: string };

export type GimoErrorOptions = { message?: string; hint?: string; faults?: Fault[]; data?: Record<string, Json>; cause?: unknown };

/** A coded failure. Compare `code`: `instanceof` does not survive a process or the workflow sandbox. */
export class GimoError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly faults: Fault[];
  readonly data: Record<string, Json>;

  constructor(code: ErrorCode, options: GimoErrorOptions = {}) {
    super(options.message ?? ERRORS[code].sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GimoError';
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.faults = options.faults ?? [];
    this.data = options.data ?? {};
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Infrastructure that is away: Temporal tries the activity again. Everything else is final. */
export const INFRASTRUCTURE: ReadonlySet<ErrorCode> = new Set(['GICS_UNAVAILABLE', 'GICS_FULL', 'TEMPORAL_UNAVAILABLE', 'WORKER_LOST']);

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}

/** The code of anything thrown, null when it has none. */
export function errorCode(error: unknown): ErrorCode | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return isErrorCode(code) ? code : null;
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
