/** Errors of drafts, decisions and approvals. */
import { row, type ErrorRow } from './error-row.ts';

/** Who reads it may be an agent, which approves nothing. */
const AGAIN = 'Draft the plan again and have a person approve it.';

export const APPROVAL_ERRORS = {
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
  APPROVAL_INVALID: row(409, 'The approval does not verify.', 'Approve the plan again; the audit log names what did not match.'),
  TOOL_CHANGED: row(409, 'A tool is not what it was when the plan was approved.', 'Look at the tool, and approve the plan again.'),
  GRANT_REFUSED: row(409, 'No standing grant covers this draft.', 'Have a person approve it, or ask for a grant that covers it.'),
  APPROVAL_EXPIRED: row(409, 'The approval has expired.', AGAIN),
  APPROVAL_REVOKED: row(409, 'The approval was revoked.', AGAIN),
  MAX_RUNS_SPENT: row(
    409,
    'This approval has been used as often as it allows.',
    'Draft the plan again and have a person approve it; `policy.max_runs` says how many runs one approval allows.',
  ),
  HASH_MISMATCH: row(409, 'The hash is not that of what is stored now.', 'Open the packet again; what was shown has changed since.'),
  HASH_REQUIRED: row(
    428,
    'This draft may only be approved by its hash.',
    'Open the packet and send its `hash` with the approval: `gimo drafts approve ID --hash HASH`.',
  ),
  DRAFT_NOT_RUNNABLE: row(
    403,
    'A draft is never executed.',
    'A person approves it first; then start a run from the approved artifact (a_…).',
  ),
  ALREADY_DECIDED: row(409, 'It has already been decided.', 'Read it again: it names who decided and when.'),
} as const satisfies Record<string, ErrorRow>;
