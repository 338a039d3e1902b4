/** One handler for each row of the table: it calls the use case and names the status. */
import type { ROUTES, RouteId } from '#contract/routes/index.ts';
import type { Handler } from './handler.ts';
import { createAgent, getAgent, listAgents, updateAgent } from './services/agents.ts';
import { delegate, listDelegations } from './services/delegate.ts';
import { listAllowlist, listRepos, selectRepo, updateAllowlist } from './services/allowlist.ts';
import { approvalStats } from './services/approval-stats.ts';
import { approveDraft } from './services/approve.ts';
import { getApproved, listApproved } from './services/approved.ts';
import { readDiff } from './services/files/diff.ts';
import { readFile } from './services/files/read-file.ts';
import { search } from './services/files/search.ts';
import { readTree } from './services/files/tree.ts';
import { exportAudit, listAudit } from './services/audit.ts';
import { readBudgets } from './services/budgets.ts';
import { chat, readChat } from './services/chat.ts';
import { decodePayloads, encodePayloads } from './services/codec.ts';
import { readCost } from './services/cost.ts';
import { createDraft, draftPacket, getDraft, listDrafts, updateDraft } from './services/drafts.ts';
import { answerGate, getGate, listGates } from './services/gates.ts';
import { checkProvider, generateDraft } from './services/generate.ts';
import { openApi } from './services/openapi.ts';
import { planFormat } from './services/plan-format.ts';
import { baseUrl } from './services/pages.ts';
import { readActivePlan, setActivePlan, validate } from './services/plans.ts';
import { cancelRun, commandRun, getReceipt } from './services/run-commands.ts';
import { compareRuns } from './services/run-compare.ts';
import { listTools, readServers, refreshServer, updateServers } from './services/mcp-servers.ts';
import { createRun } from './services/run-create.ts';
import { forkRun } from './services/run-fork.ts';
import { getGraph, getLog, getNode } from './services/run-detail.ts';
import { setPriority } from './services/run-priority.ts';
import { steerNode } from './services/run-steering.ts';
import { rejectDraft } from './services/reject.ts';
import { revokeApproved } from './services/revoke.ts';
import { approveByGrant, createGrant, listGrants, revokeGrant } from './services/standing-grants.ts';
import { getRun, listRuns } from './services/run-view.ts';
import { listSecurityEvents, resolvePanic, setPanic } from './services/security.ts';
import { restartService, serviceStatus } from './services/service.ts';
import { loginWithCode, loginWithToken, logout, sessionView } from './services/sessions.ts';
import { createSpawn, killSpawn, listSpawns, readSpawn } from './services/spawn.ts';
import { readOpsConfig, readProviders, showProviders, updateOpsConfig, updateProviders } from './services/settings.ts';
import { openStream } from './services/streams.ts';
import { createWebhook, deleteWebhook, listDeliveries, listWebhooks } from './services/webhooks.ts';
import { createToken, listTokens, revokeToken } from './services/tokens.ts';
import { readReady, readStatus, readUiStatus } from './services/system.ts';

const ok = <T>(body: T): { status: 200; body: T } => ({ status: 200, body });
const page = <T>(body: T, next: string | null): { status: 200; body: T; next: string | null } => ({ status: 200, body, next });
const created = <T>(body: T): { status: 201; body: T } => ({ status: 201, body });

export const HANDLERS = {
  health: async () => ok({ ok: true }),
  ready: async ({ core }) => {
    const body = await readReady(core);
    return { ...ok(body), httpStatus: body.ready ? 200 : 503 };
  },
  status: async ({ core }) => ok(await readStatus(core)),
  openapi: async (input) => ok(openApi(false, baseUrl(input.core))),
  ops_openapi: async (input) => ok(openApi(true, baseUrl(input.core))),
  plan_get: async ({ core }) => ok(await readActivePlan(core)),
  plan_put: async ({ core, call, body, bodyBytes }) => ok(await setActivePlan(core, call, body, bodyBytes)),
  plan_format: async () => ok(planFormat()),
  provider_get: async ({ core }) => ok(await showProviders(core, await readProviders(core))),
  provider_put: async ({ core, call, body }) => ok(await updateProviders(core, call, body)),
  provider_health: async ({ core, query }) => ok(await checkProvider(core, query.name)),
  config_get: async ({ core }) => ok(await readOpsConfig(core)),
  config_put: async ({ core, call, body }) => ok(await updateOpsConfig(core, call, body)),
  chat_send: async ({ core, call, body }) => ok(await chat(core, call, baseUrl(core), body)),
  chat_session: async ({ core, call, params }) => ok(await readChat(core, call, params.session_id)),
  servers_get: async ({ core }) => ok(await readServers(core)),
  servers_put: async ({ core, call, body }) => ok(await updateServers(core, call, body)),
  servers_refresh: async ({ core, call, params }) => ok(await refreshServer(core, call, params.name)),
  servers_tools: async ({ core }) => ok(await listTools(core)),
  ui_status: async ({ core }) => ok(await readUiStatus(core)),
  auth_login: async ({ core, call, body }) => {
    const login = 'token' in body ? await loginWithToken(core, call, body.token) : await loginWithCode(core, call, body.code);
    return { ...ok(login.view), cookie: login.cookie };
  },
  auth_logout: async ({ core, call }) => ({ status: 204, body: null, cookie: await logout(core, call) }),
  tokens_list: async ({ core, query }) => {
    const { tokens, next } = await listTokens(core, query);
    return page(tokens, next);
  },
  tokens_create: async ({ core, call, body }) => created(await createToken(core, call, body)),
  tokens_revoke: async ({ core, call, params }) => ok(await revokeToken(core, call, params.id)),
  security_events: async ({ core, query }) => {
    const { entries, next } = await listSecurityEvents(core, query);
    return page(entries, next);
  },
  security_panic: async ({ core, call, body }) => ok(await setPanic(core, call, body ?? { reason: '', stop_runs: false })),
  security_resolve: async ({ core, call, body }) => ok(await resolvePanic(core, call, body?.reason ?? '')),
  audit_list: async ({ core, query }) => {
    const { entries, next } = await listAudit(core, query);
    return page(entries, next);
  },
  ui_audit: async ({ core, query }) => {
    const { entries, next } = await listAudit(core, query);
    return page(entries, next);
  },
  audit_head: async ({ core }) => ok(await core.checkpoints.head()),
  audit_export: async ({ core }) => ({ ...ok(''), lines: { type: 'application/x-ndjson; charset=utf-8', text: exportAudit(core) } }),
  allowlist_get: async ({ core }) => ok({ paths: await listAllowlist(core) }),
  allowlist_put: async ({ core, call, body }) => ok({ paths: await updateAllowlist(core, call, body.paths) }),
  repos_list: async ({ core }) => ok(await listRepos(core)),
  repos_select: async ({ core, call, body }) => ok(await selectRepo(core, call, body.path)),
  service_status: async ({ core }) => ok(serviceStatus(core)),
  service_restart: async ({ core, call, body }) => {
    const { part, pid, end } = await restartService(core, call, body.part);
    return { status: 202, body: { part, pid }, after: end };
  },
  auth_session: async ({ call }) => ok(sessionView(call.actor)),
  auth_whoami: async ({ call: { actor } }) => ok({ label: actor.label, role: actor.role, class: actor.class }),
  drafts_list: async ({ core, query }) => {
    const { drafts, next } = await listDrafts(core, query);
    return page(drafts, next);
  },
  drafts_create: async ({ core, call, body, bodyBytes }) => created(await createDraft(core, call, body, bodyBytes)),
  drafts_validate: async ({ core, body, bodyBytes }) => ok(await validate(core, body.plan, bodyBytes)),
  drafts_get: async ({ core, params }) => ok(await getDraft(core, params.id)),
  drafts_update: async ({ core, call, params, body, bodyBytes }) => ok(await updateDraft(core, call, params.id, body, bodyBytes)),
  drafts_packet: async ({ core, call, params }) => {
    const packet = await draftPacket(core, params.id);
    core.views.shown(call.actor, packet.hash);
    return ok(packet);
  },
  drafts_reject: async ({ core, call, params, body }) => ok(await rejectDraft(core, call, params.id, body?.comment ?? null)),
  drafts_veto: async ({ core, call, params, body }) => ok(await rejectDraft(core, call, params.id, body?.comment ?? null)),
  drafts_approve: async ({ core, call, params, query, body }) => {
    const answer = await approveDraft(core, call, { id: params.id, autoRun: query.auto_run, approval: body ?? {} });
    return answer.approved === null ? { status: 202, body: answer } : ok(answer);
  },
  approved_revoke: async ({ core, call, params, body }) =>
    ok(await revokeApproved(core, call, params.id, body ?? { reason: '', stop_runs: false })),
  drafts_grant: async ({ core, call, params, query, body }) =>
    ok(await approveByGrant(core, call, { id: params.id, grantId: body.grant_id, hash: body.hash, isRun: query.auto_run })),
  grants_list: async ({ core, query }) => {
    const { grants, next } = await listGrants(core, query);
    return page(grants, next);
  },
  grants_create: async ({ core, call, body }) => created(await createGrant(core, call, body)),
  grants_revoke: async ({ core, call, params }) => ok(await revokeGrant(core, call, params.id)),
  generate: async ({ core, call, body }) => created(await generateDraft(core, call, body)),
  approved_list: async ({ core, query }) => {
    const { approved, next } = await listApproved(core, query);
    return page(approved, next);
  },
  approved_get: async ({ core, params }) => ok(await getApproved(core, params.id)),
  runs_create: async ({ core, call, body }) => created(await createRun(core, call, body)),
  runs_list: async ({ core, query }) => {
    const { runs, next } = await listRuns(core, query);
    return page(runs, next);
  },
  runs_get: async ({ core, params }) => ok(await getRun(core, params.id)),
  runs_cancel: async ({ core, call, params }) => {
    const receipt = await cancelRun(core, call, params.id);
    return { status: receipt.confirmed_at === null ? 202 : 200, body: receipt };
  },
  runs_pause: async ({ core, call, params, body }) => ok(await commandRun(core, call, { id: params.id, kind: 'pause', ...body })),
  runs_priority: async ({ core, call, params, body }) => ok(await setPriority(core, call, { id: params.id, ...body })),
  runs_resume: async ({ core, call, params }) => ok(await commandRun(core, call, { id: params.id, kind: 'resume' })),
  runs_fork: async ({ core, call, params, body }) => created(await forkRun(core, call, params.id, body)),
  runs_compare: async ({ core, params, query }) => {
    const { comparison, next } = await compareRuns(core, params, query);
    return page(comparison, next);
  },
  runs_retry: async ({ core, call, params }) =>
    ok(await steerNode(core, call, { id: params.id, node: params.node, verb: 'retry', reason: '' })),
  runs_skip: async ({ core, call, params, body }) =>
    ok(await steerNode(core, call, { id: params.id, node: params.node, verb: 'skip', reason: body.reason })),
  spawn_create: async ({ core, call, body }) => ({ status: 202, body: await createSpawn(core, call, body) }),
  spawn_status: async ({ core, params }) => ok(await readSpawn(core, params.id)),
  spawn_list: async ({ core, query }) => {
    const { spawns, next } = await listSpawns(core, query);
    return page(spawns, next);
  },
  spawn_kill: async ({ core, call, params }) => {
    const receipt = await killSpawn(core, call, params.id);
    return { status: receipt.confirmed_at === null ? 202 : 200, body: receipt };
  },
  runs_graph: async ({ core, params, query }) => {
    const { nodes, next } = await getGraph(core, params.id, query);
    return page(nodes, next);
  },
  runs_log: async ({ core, params, query }) => {
    const { entries, next } = await getLog(core, params.id, query);
    return page(entries, next);
  },
  runs_node: async ({ core, params }) => ok(await getNode(core, params.id, params.node)),
  runs_receipt: async ({ core, params }) => ok(await getReceipt(core, params.id)),
  runs_events: async ({ core, params, lastEventId }) => ({ ...ok(''), stream: await openStream(core, params.id, null, lastEventId) }),
  runs_node_stream: async ({ core, params, lastEventId }) => ({
    ...ok(''),
    stream: await openStream(core, params.id, params.node, lastEventId),
  }),
  gates_list: async ({ core, call, query }) => {
    const { gates, next } = await listGates(core, query);
    for (const { hash } of gates) core.views.shown(call.actor, hash);
    return page(gates, next);
  },
  gates_get: async ({ core, call, params }) => {
    const gate = await getGate(core, params.id);
    core.views.shown(call.actor, gate.hash);
    return ok(gate);
  },
  gates_approve: async ({ core, call, params, body }) =>
    ok(await answerGate(core, call, { id: params.id, verdict: 'approve', answer: body ?? {} })),
  gates_reject: async ({ core, call, params, body }) =>
    ok(await answerGate(core, call, { id: params.id, verdict: 'reject', answer: body ?? {} })),
  tree: async ({ core, query, signal }) => {
    const { entries, next } = await readTree(core, query, signal);
    return page(entries, next);
  },
  file: async ({ core, query, signal }) => ok(await readFile(core, query, signal)),
  search: async ({ core, query, signal }) => ok(await search(core, query, signal)),
  diff: async ({ core, query, signal }) => {
    const { diff, next } = await readDiff(core, query, signal);
    return page(diff, next);
  },
  webhooks_list: async ({ core, call, query }) => {
    const { webhooks, next } = await listWebhooks(core, call, query);
    return page(webhooks, next);
  },
  webhooks_create: async ({ core, call, body }) => created(await createWebhook(core, call, body)),
  webhooks_delete: async ({ core, call, params }) => {
    await deleteWebhook(core, call, params.id);
    return { status: 204, body: null };
  },
  webhooks_deliveries: async ({ core, params, query }) => {
    const { deliveries, next } = await listDeliveries(core, params.id, query);
    return page(deliveries, next);
  },
  codec_decode: async ({ core, body }) => ok(await decodePayloads(core, body)),
  codec_encode: async ({ core, body }) => ok(await encodePayloads(core, body)),
  stats_approvals: async ({ core, query }) => ok(await approvalStats(core.gics, query.hours)),
  cost_get: async ({ core, query }) => ok(await readCost(core, query)),
  agents_list: async ({ core, query }) => {
    const { agents, next } = await listAgents(core, query);
    return page(agents, next);
  },
  agents_create: async ({ core, call, body }) => created(await createAgent(core, call, body)),
  agents_get: async ({ core, params }) => ok(await getAgent(core, params.id)),
  agents_update: async ({ core, call, params, body }) => ok(await updateAgent(core, call, params.id, body)),
  agents_delegate: async ({ core, call, params, body }) => ({ status: 202, body: await delegate(core, call, params.agentId, body) }),
  agents_delegations: async ({ core, params, query }) => {
    const { delegations, next } = await listDelegations(core, params.agentId, query);
    return page(delegations, next);
  },
  cost_budgets: async ({ core, query }) => ok(await readBudgets(core, query)),
} satisfies { [Id in RouteId]: Handler<(typeof ROUTES)[Id]> };
