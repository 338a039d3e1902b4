/** The records of the collection `settings`, with the defaults of a fresh installation. */
import type { WorkerPresence } from '#contract/messages.ts';
import { GimoError } from '#contract/errors.ts';
import { OpsConfigSchema, type OpsConfig } from '#contract/ops-config.ts';
import {
  DEFAULT_PROVIDERS,
  ENV_REF,
  mergeProviders,
  redactProviders,
  type ProviderConfig,
  type ProviderUpdate,
  type ShownProviders,
} from '#contract/provider.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, commit, orOnConflict } from './commit.ts';

/** A worker that has not written for so long is taken for dead. */
const PRESENCE_MS = 10_000;

export type Setting<T> = { value: T; rev: number };

export async function readSetting<T>(core: Core, id: string, fallback: T): Promise<Setting<T>> {
  const record = await core.gics.get<T>('settings', id);
  return record === null ? { value: fallback, rev: 0 } : { value: record.value, rev: record.rev };
}

/** Throws: CONFLICT when somebody changed the record since it was read. */
export async function writeSetting<T extends object>(
  core: Core,
  call: Call,
  { id, value, rev }: Setting<T> & { id: string },
  body: unknown,
): Promise<void> {
  const put = { op: 'put', collection: 'settings', id, value: asJson(value), rev } as const;
  const work = commit(core, call, { ops: [put], object: id, answer: { status: 200, body } });
  await orOnConflict(work, () => {
    throw new GimoError('CONFLICT');
  });
}

export async function readOpsConfig(core: Core): Promise<OpsConfig> {
  const { value } = await readSetting(core, 'config', {});
  return OpsConfigSchema.parse(value);
}

/** Fields left out stay. Throws: CONFLICT. */
export async function updateOpsConfig(core: Core, call: Call, update: Partial<OpsConfig>): Promise<OpsConfig> {
  const { value, rev } = await readSetting(core, 'config', {});
  const next = OpsConfigSchema.parse({ ...value, ...update });
  await writeSetting(core, call, { id: 'config', value: next, rev }, next);
  return next;
}

export async function readProviders(core: Core): Promise<ProviderConfig> {
  return (await readSetting(core, 'provider', DEFAULT_PROVIDERS)).value;
}

type ShownOnWire = {
  active: string;
  providers: Record<string, Omit<ShownProviders['providers'][string], 'base_url'> & { base_url: string | null }>;
};

/** What anybody may see: references instead of keys, and whether the worker has a value for them. */
export async function showProviders(core: Core, config: ProviderConfig): Promise<ShownOnWire> {
  const presence = await readPresence(core);
  const shown = redactProviders(config);
  const entries = Object.entries(shown.providers).map(([name, provider]) => {
    const variable = provider.api_key === null ? null : (ENV_REF.exec(provider.api_key)?.[1] ?? null);
    const isSet = variable === null || presence === null ? null : presence.env_present.includes(variable);
    return [name, { ...provider, base_url: provider.base_url ?? null, key_set: isSet }] as const;
  });
  return { active: shown.active, providers: Object.fromEntries(entries) };
}

/** Throws: PROVIDER_UNKNOWN, CONFLICT. */
export async function updateProviders(core: Core, call: Call, update: ProviderUpdate): Promise<ShownOnWire> {
  const { value, rev } = await readSetting(core, 'provider', DEFAULT_PROVIDERS);
  const next = mergeProviders(value, update);
  const shown = await showProviders(core, next);
  await writeSetting(core, call, { id: 'provider', value: next, rev }, shown);
  return shown;
}

/** What the worker last said of itself; null when no worker is alive. */
export async function readPresence(core: Core): Promise<WorkerPresence | null> {
  const record = await core.gics.get<WorkerPresence>('settings', 'worker');
  return record !== null && Date.now() - record.updated_at < PRESENCE_MS ? record.value : null;
}
