/** What each part gets to see of the environment: no more than it needs. */
import type { Config } from '#platform/config.ts';

export type Env = Record<string, string | undefined>;

/** Where programs, homes, caches, languages, certificates and proxies are found. */
const BASE =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|NODE_COMPILE_CACHE|XDG_\w+|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)$/;
const ROLE_TOKEN = /^ORCH_\w+_TOKEN$/;
/** npm describes its own run in these. */
const NPM = /^(?:npm_|NODE_OPTIONS$|INIT_CWD$)/i;

export type PartName = 'temporal' | 'gics' | 'worker' | 'api';

/**
 * In: the supervisor's environment. Out: the part's. Provider keys can have any name, so worker and API inherit all
 * names but the role tokens, which only the API gets; the other parts inherit nothing but the basics.
 */
export function childEnv(part: PartName, env: Env, config: Config): Record<string, string> {
  const isInherited = (name: string): boolean => {
    if (BASE.test(name)) return true;
    if (part === 'temporal' || NPM.test(name)) return false;
    if (ROLE_TOKEN.test(name)) return part === 'api';
    return part === 'gics' ? /^(?:GIMO_|ORCH_)/.test(name) : true;
  };
  const inherited = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && isInherited(entry[0]));
  return { ...Object.fromEntries(inherited), ...(part === 'temporal' ? {} : settings(config)) };
}

/**
 * A failpoint kills a part once, not at every start: `GIMO_FAILPOINTS=a;b` arms `a` at the first start of a part, `b` at the
 * second, nothing after that. In: how often it was started before.
 */
export function envOfStart(env: Record<string, string>, startsBefore: number): Record<string, string> {
  const { GIMO_FAILPOINTS: failpoints, ...rest } = env;
  const armed = failpoints?.split(';')[startsBefore];
  return armed === undefined ? rest : { ...rest, GIMO_FAILPOINTS: armed };
}

/** The settings of this start, so that every part has the same, wherever they came from. */
function settings(config: Config): Record<string, string> {
  return {
    GIMO_SUPERVISED: '1',
    GIMO_PORT: String(config.port),
    GIMO_HOST: config.host,
    GIMO_DATA_DIR: config.paths.data,
    GIMO_REPO: config.repo,
    GIMO_GICS_URL: config.gicsUrl,
    GIMO_TEMPORAL_NAMESPACE: config.temporalNamespace,
    ...(config.temporalAddress === null ? {} : { GIMO_TEMPORAL_ADDRESS: config.temporalAddress }),
    ...(config.temporalUi === null ? {} : { GIMO_TEMPORAL_UI: config.temporalUi }),
    ...(config.temporalUiUpstream === null ? {} : { GIMO_TEMPORAL_UI_UPSTREAM: config.temporalUiUpstream }),
  };
}
