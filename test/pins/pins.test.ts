/**
 * Names and defaults that others rely on: clients, scripts, stored data. Each list is a text file beside this one.
 * A change here is a change of the interface: it belongs in CHANGELOG.md, and stored names need a migration.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '#contract/error-table.ts';
import { ERROR_CODES } from '#contract/errors.ts';
import { AUDIT_STREAM, CANCEL_STREAM, CHAINED_STREAMS, COLLECTIONS, COST_STREAM, runStreams, SECURITY_STREAM } from '#contract/gics.ts';
import { ID_PREFIX } from '#contract/ids.ts';
import { ADMIT_SIGNAL, RUN_MESSAGES, RUN_QUERIES, SEARCH_ATTRIBUTES, TASK_QUEUES, WORKFLOWS } from '#contract/messages.ts';
import { EFFECT_KINDS, KIND_NAMES } from '#contract/nodes/index.ts';
import { DRAFT_STATUSES, ROLES, TOKEN_CLASSES } from '#contract/objects.ts';
import { DEFAULT_TRUST } from '#contract/agents.ts';
import { OpsConfigSchema } from '#contract/ops-config.ts';
import { PROVIDER_TYPE_NAMES } from '#contract/provider.ts';
import { ROUTE_IDS, ROUTES } from '#contract/routes/index.ts';
import { NODE_STATUSES, RUN_STATUSES } from '#contract/run-state.ts';
import { WEBHOOK_EVENTS, WEBHOOK_HEADERS } from '#contract/webhooks.ts';
import { EnvSchema, readConfig } from '#platform/config.ts';

const pinned = (name: string): string[] =>
  readFileSync(path.join(import.meta.dirname, `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n');
const list = (name: string, values: Iterable<string>): string => `${name}: ${[...values].join(' ')}`;
const pairs = (name: string, values: Record<string, string>): string =>
  list(
    name,
    Object.entries(values).map(([key, value]) => `${key}=${value}`),
  );

describe('the interface stays what it is:', () => {
  it('error codes with their status and whether they may be tried again', () => {
    const rows = ERROR_CODES.map((code) => `${code} ${ERRORS[code].status}${ERRORS[code].retryable ? ' retryable' : ''}`);
    expect(rows.toSorted()).toEqual(pinned('errors'));
  });

  it('routes with their method, path, least role and token classes', () => {
    const rows = ROUTE_IDS.map((id) => `${ROUTES[id].method} ${ROUTES[id].path} ${ROUTES[id].role} ${ROUTES[id].classes.join(',')} ${id}`);
    expect(rows.toSorted()).toEqual(pinned('routes'));
  });

  it('environment names', () => {
    expect(Object.keys(EnvSchema.shape).toSorted()).toEqual(pinned('env'));
  });

  it('collections with their indexed fields', () => {
    const rows = Object.entries(COLLECTIONS).map(([name, fields]) => list(name, fields).trimEnd());
    expect(rows.toSorted()).toEqual(pinned('collections'));
  });

  it('names of kinds, statuses, roles, streams and of everything that Temporal stores', () => {
    const streams = [AUDIT_STREAM, CANCEL_STREAM, COST_STREAM, SECURITY_STREAM, runStreams.events('r'), runStreams.output('r', 'n')];
    expect([
      list('kinds', KIND_NAMES),
      list('effect kinds', EFFECT_KINDS),
      list('draft statuses', DRAFT_STATUSES),
      list('run statuses', RUN_STATUSES),
      list('node statuses', NODE_STATUSES),
      list('roles', ROLES),
      list('token classes', TOKEN_CLASSES),
      list('provider types', PROVIDER_TYPE_NAMES),
      pairs('id prefixes', ID_PREFIX),
      list('streams', streams),
      list('chained streams', CHAINED_STREAMS),
      list('workflows', Object.values(WORKFLOWS)),
      list('task queues', Object.values(TASK_QUEUES)),
      list('messages', [...RUN_MESSAGES, ADMIT_SIGNAL]),
      list('queries', Object.values(RUN_QUERIES)),
      list('search attributes', Object.values(SEARCH_ATTRIBUTES)),
      list('webhook events', WEBHOOK_EVENTS),
      list('webhook headers', Object.values(WEBHOOK_HEADERS)),
    ]).toEqual(pinned('names'));
  });
});

describe('the defaults stay what they are:', () => {
  // verifies: OBJ-4
  it('those of the configuration', () => {
    expect(OpsConfigSchema.parse({})).toEqual({
      default_auto_run: false,
      draft_cleanup_ttl_days: 7,
      drain: null,
      max_concurrent_runs: 20,
      max_spawn_seconds: 300,
      fence_required: [],
      operator_can_generate: false,
      local_hosts: [],
      agent_trust: DEFAULT_TRUST,
      daily_caps: { usd: null, providers: {} },
      node_secrets: {},
      approval: { quorum: { low: 1, medium: 1, high: 1 }, self_approval: 'alone' },
    });
  });

  // verifies: ARC-3, LOOP-1
  it('those of the environment', () => {
    const config = readConfig({});
    expect(config.limits).toEqual({ read: 3000, write: 1200, costly: 60, stop: 600, invalid: 10, panic: 100 });
    expect(config).toMatchObject({ port: 9325, host: '127.0.0.1', runTtlS: 604_800, corsOrigins: [], isDev: false, isUnfenced: false });
    expect(path.relative(process.cwd(), config.paths.ops)).toBe(path.join('.orch_data', 'ops'));
  });
});

// verifies: ARC-8
describe('the services', () => {
  it('of the specification are there, those that it retired are not', () => {
    const paths = ROUTE_IDS.map((id) => ROUTES[id].path as string);
    expect(['/ops/plan', '/ops/provider', '/ui/status'].filter((name) => !paths.includes(name))).toEqual([]);
    const retired = /(?:^|\/)(?:model|registry|comms|provider-?registry)s?(?:\/|$)/;
    expect(paths.filter((name) => retired.test(name))).toEqual([]);
  });
});
