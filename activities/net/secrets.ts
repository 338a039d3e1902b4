import { GimoError } from '#contract/errors.ts';
import type { OpsConfig } from '#contract/ops-config.ts';
import { ENV_REF_IN_TEXT } from '#contract/provider.ts';
import { resolveEnvRef } from '#platform/env-refs.ts';
import type { Resolved } from './resolve-target.ts';

type Env = Record<string, string | undefined>;

/** Throws: SECRET_REFUSED when no admin allows this variable for this host. */
export function checkSecret(name: string, host: string, config: Pick<OpsConfig, 'node_secrets'>): void {
  if (config.node_secrets[name]?.includes(host) === true) return;
  throw new GimoError('SECRET_REFUSED', { message: `The variable ${name} may not be sent to \`${host}\`.` });
}

/** Headers with their secrets filled in; from then on this process masks them. Throws: SECRET_REFUSED, ENV_UNSET. */
export function fillSecrets(
  headers: Record<string, string> | undefined,
  { target, isLocal }: Resolved,
  { config, env }: { config: Pick<OpsConfig, 'node_secrets'>; env: Env },
): Record<string, string> {
  const filled = Object.entries(headers ?? {}).map(([header, text]) => {
    const [ref, name] = ENV_REF_IN_TEXT.exec(text) ?? [];
    if (ref === undefined || name === undefined) return [header, text];
    checkSecret(name, target.host, config);
    if (target.protocol !== 'https' && !isLocal)
      throw new GimoError('SECRET_REFUSED', { message: `\`${target.host}\` is called by http, so ${name} could be read on its way.` });
    const value = resolveEnvRef(ref, env);
    return [header, text.split(ref).join(value)];
  });
  return Object.fromEntries(filled) as Record<string, string>;
}
