/**
 * Named tokens. GICS holds the SHA-256 of each and finds it by that: whoever guesses tokens learns from timing at most something about
 * the hash of their own guess, which tells nothing about a token of 256 random bits. Every request reads the record anew, so a
 * revocation counts from the moment it is written, in every process of the API.
 */
import { GimoError } from '#contract/errors.ts';
import type { GicsRecord } from '#contract/gics.ts';
import { skeleton } from '#contract/lookalike.ts';
import { TOKEN_DAYS, type NewToken, type Token, type TokenRecord } from '#contract/tokens.ts';
import { newToken } from '#platform/tokens.ts';
import type { Call, Core } from '../deps.ts';
import { fault } from '../plugins/problem.ts';
import { asJson, commit } from './commit.ts';
import { labelOf, sha256, type Holder } from './credentials.ts';
import type { PageRequest } from './drafts.ts';
import { newId } from './ids.ts';

const DAY_MS = 24 * 3_600_000;
const PEOPLE_PAGE = 500;
const USED_EVERY_MS = 60_000;
const SHAPE = /^gimo_[\w-]{43}$/;

const showToken = ({ hash: _hash, ...token }: TokenRecord): Token => token;

export async function listTokens(core: Core, page: PageRequest): Promise<{ tokens: Token[]; next: string | null }> {
  const { records, cursor } = await core.gics.list<TokenRecord>('tokens', page);
  return { tokens: records.map(({ value }) => showToken(value)), next: cursor };
}

function expiryOf({ expires_at: at, expires_days: days }: NewToken): string {
  const now = Date.now();
  const expires = at === undefined ? now + (days ?? TOKEN_DAYS.default) * DAY_MS : Date.parse(at);
  if (expires > now && expires <= now + TOKEN_DAYS.max * DAY_MS) return new Date(expires).toISOString();
  const message = `must lie ahead, at most ${TOKEN_DAYS.max} days`;
  throw new GimoError('BAD_REQUEST', {
    message: `The request is not valid: expires_at ${message}.`,
    faults: [fault('body.expires_at', message)],
  });
}

/** The value is in this answer and nowhere else: a repeat of the request gets the token without it. Throws: BAD_REQUEST. */
export async function createToken(core: Core, call: Call, body: NewToken): Promise<Token & { token: string | null }> {
  if (call.idempotency?.isReplay === true) return { ...(await madeBefore(core, call.idempotency.id)), token: null };
  const token = newToken();
  const record: TokenRecord = {
    id: newId('token'),
    label: body.label,
    role: body.role,
    class: body.class,
    actor: labelOf(body.role, token),
    created_at: new Date().toISOString(),
    created_by: call.actor.label,
    ...(body.class === 'agent' && call.actor.name !== null ? { owner: call.actor.name } : {}),
    expires_at: expiryOf(body),
    last_used_at: null,
    revoked_at: null,
    revoked_by: null,
    hash: sha256(token).toString('hex'),
  };
  const { id, label, role, class: tokenClass, expires_at } = record;
  await commit(core, call, {
    ops: [{ op: 'put', collection: 'tokens', id, value: asJson(record), rev: 0 }],
    object: id,
    detail: { label, role, class: tokenClass, expires_at, token: record.actor },
    isSecurity: true,
    answer: null,
  });
  return { ...showToken(record), token };
}

async function madeBefore(core: Core, idempotencyId: string): Promise<Token> {
  const record = await core.gics.get<{ object: string }>('idempotency', idempotencyId);
  return showToken((await loadToken(core, record?.value.object ?? '')).value);
}

/** Throws: NOT_FOUND. */
async function loadToken(core: Core, id: string): Promise<GicsRecord<TokenRecord>> {
  const record = await core.gics.get<TokenRecord>('tokens', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no token ${id}.` });
  return record;
}

/** Safe to repeat: the first revocation stands. Throws: NOT_FOUND. */
export async function revokeToken(core: Core, call: Call, id: string): Promise<Token> {
  const { value } = await loadToken(core, id);
  if (value.revoked_at !== null) return showToken(value);
  const set = { revoked_at: new Date().toISOString(), revoked_by: call.actor.label };
  const token = showToken({ ...value, ...set });
  await commit(core, call, {
    ops: [{ op: 'patch', collection: 'tokens', id, set }],
    object: id,
    detail: { label: value.label, token: value.actor },
    isSecurity: true,
    answer: { status: 200, body: token },
  });
  return token;
}

/** How many people were ever given a token that may approve. A revoked or expired one counts: that somebody left loosens no rule. */
export async function countApprovers({ gics }: Pick<Core, 'gics'>): Promise<number> {
  const people = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await gics.list<TokenRecord>('tokens', { limit: PEOPLE_PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { value } of page.records) if (value.class === 'human' && value.role !== 'actions') people.add(skeleton(value.label));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return people.size;
}

function refuse(message: string, reason: string): never {
  throw new GimoError('UNAUTHENTICATED', { message, data: { reason } });
}

/** Throws: UNAUTHENTICATED when the token was revoked or has expired. */
function requireAlive({ revoked_at, expires_at, label }: TokenRecord): void {
  if (revoked_at !== null) refuse(`The token \`${label}\` was revoked at ${revoked_at}.`, 'revoked');
  if (expires_at <= new Date().toISOString()) refuse(`The token \`${label}\` expired at ${expires_at}.`, 'expired');
}

function holderOf({ actor, role, class: tokenClass, label, id, expires_at, owner }: TokenRecord): Holder {
  return { label: actor, role, class: tokenClass, name: label, owner: owner ?? null, tokenId: id, expiresAt: expires_at };
}

/** Who holds this token: a role's or a named one. Throws: UNAUTHENTICATED with `data.reason` unknown, revoked or expired. */
export async function holderOfToken(core: Core, token: string): Promise<Holder> {
  const known = core.credentials.holderOf(token);
  if (known !== null) return known;
  if (!SHAPE.test(token)) refuse('The token is not valid.', 'unknown');
  const hash = sha256(token).toString('hex');
  const { records } = await core.gics.list<TokenRecord>('tokens', { where: { hash }, limit: 1 });
  const [record] = records;
  if (record === undefined) return refuse('The token is not valid.', 'unknown');
  requireAlive(record.value);
  noteUse(core, record.value);
  return holderOf(record.value);
}

/** Who holds the named token of a session. Throws: UNAUTHENTICATED. */
export async function holderOfTokenId(core: Core, id: string): Promise<Holder> {
  const record = await core.gics.get<TokenRecord>('tokens', id);
  if (record === null) return refuse('The token of this session is gone.', 'revoked');
  requireAlive(record.value);
  noteUse(core, record.value);
  return holderOf(record.value);
}

/** Bookkeeping, not a change: nobody waits for it and nothing fails with it. */
function noteUse(core: Core, { id, last_used_at: last }: TokenRecord): void {
  if (last !== null && Date.now() - Date.parse(last) < USED_EVERY_MS) return;
  const set = { last_used_at: new Date().toISOString() };
  core.gics
    .txn([{ op: 'patch', collection: 'tokens', id, set }])
    .catch((error: unknown) => core.log.warn({ err: error, token_id: id }, 'the last use of a token was not noted'));
}
