import type { Gics } from '#contract/gics.ts';
import { OpsConfigSchema, type OpsConfig } from '#contract/ops-config.ts';
import { DEFAULT_PROVIDERS, ProviderConfigSchema, type ProviderConfig } from '#contract/provider.ts';

export async function readProviders(gics: Gics): Promise<ProviderConfig> {
  const record = await gics.get('settings', 'provider');
  return record ? ProviderConfigSchema.parse(record.value) : DEFAULT_PROVIDERS;
}

export async function readOpsConfig(gics: Gics): Promise<OpsConfig> {
  const record = await gics.get('settings', 'config');
  return OpsConfigSchema.parse(record?.value ?? {});
}
