/** Ids: a prefix that says what it names, and a ULID (sortable by time). Gate ids are derived, so that a replay mints the same one. */
import { z } from './zod.ts';

const ulid = '[0-9A-HJKMNP-TV-Z]{26}';

export const ID_PATTERNS = {
  draft: new RegExp(`^d_${ulid}$`),
  approved: new RegExp(`^a_${ulid}$`),
  run: new RegExp(`^r_${ulid}$`),
  gate: new RegExp(`^g_${ulid}$`),
  decision: new RegExp(`^x_${ulid}$`),
  webhook: new RegExp(`^w_${ulid}$`),
  delivery: new RegExp(`^v_${ulid}$`),
  token: new RegExp(`^t_${ulid}$`),
  chat: new RegExp(`^c_${ulid}$`),
  agent: new RegExp(`^ag_${ulid}$`),
  grant: new RegExp(`^s_${ulid}$`),
  spawn: new RegExp(`^sp_${ulid}$`),
} as const;

export type IdKind = keyof typeof ID_PATTERNS;
export const ID_PREFIX: Record<IdKind, string> = {
  draft: 'd_',
  approved: 'a_',
  run: 'r_',
  gate: 'g_',
  decision: 'x_',
  webhook: 'w_',
  delivery: 'v_',
  token: 't_',
  chat: 'c_',
  agent: 'ag_',
  grant: 's_',
  spawn: 'sp_',
};

const idSchema = (kind: IdKind) => z.string().regex(ID_PATTERNS[kind], `must look like ${ID_PREFIX[kind]}<26 characters>`);

export const DraftId = idSchema('draft');
export const ApprovedId = idSchema('approved');
export const RunId = idSchema('run');
export const GateId = idSchema('gate');
export const WebhookId = idSchema('webhook');
export const TokenId = idSchema('token');
export const ChatId = idSchema('chat');
export const AgentId = idSchema('agent');
export const GrantId = idSchema('grant');
export const SpawnId = idSchema('spawn');

/** Id of a node in a plan: what CEL can name after `nodes.` */
export const NODE_ID = /^[a-z][a-z0-9_]{0,62}$/;
/**
 * Id of a node in a run: nodes of a body carry their item or round, as in `m[3].fix`, added ones the node that added them, as in `s.fix`;
 * what undoes a node is called `fix.compensation`.
 */
export const NODE_INSTANCE_ID = /^[a-z][a-z0-9_]{0,62}((\[\d{1,6}\])?\.[a-z][a-z0-9_]{0,62})*$/;
