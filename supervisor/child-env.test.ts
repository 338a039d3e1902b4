import { describe, expect, it } from 'vitest';
import { readConfig } from '#platform/config.ts';
import { childEnv, envOfStart } from './child-env.ts';

const ENV = {
  PATH: '/bin',
  HOME: '/home/x',
  MY_PROVIDER_KEY: 'k',
  ORCH_ADMIN_TOKEN: 'token-of-the-administrator',
  ORCH_OPS_RUN_TTL: '3600',
  GIMO_GICS_TOKEN: 'token-of-the-store-xyz',
  npm_config_x: '1',
  NODE_OPTIONS: '--inspect',
};
const config = readConfig(ENV);
const namesFor = (part: 'temporal' | 'gics' | 'worker' | 'api') => Object.keys(childEnv(part, ENV, config)).filter((name) => name in ENV);

describe('what a part sees of the environment', () => {
  it('is what it needs: role tokens only for the API, provider keys for worker and API', () => {
    expect({ temporal: namesFor('temporal'), gics: namesFor('gics'), worker: namesFor('worker'), api: namesFor('api') }).toEqual({
      temporal: ['PATH', 'HOME'],
      gics: ['PATH', 'HOME', 'ORCH_OPS_RUN_TTL', 'GIMO_GICS_TOKEN'],
      worker: ['PATH', 'HOME', 'MY_PROVIDER_KEY', 'ORCH_OPS_RUN_TTL', 'GIMO_GICS_TOKEN'],
      api: ['PATH', 'HOME', 'MY_PROVIDER_KEY', 'ORCH_ADMIN_TOKEN', 'ORCH_OPS_RUN_TTL', 'GIMO_GICS_TOKEN'],
    });
  });

  it('carries the settings of this start', () => {
    const started = { ...config, port: 4711, temporalAddress: '127.0.0.1:4712', temporalUi: 'http://127.0.0.1:4713' };
    expect(childEnv('worker', { PATH: '/bin', GIMO_PORT: '1' }, started)).toMatchObject({
      GIMO_SUPERVISED: '1',
      GIMO_PORT: '4711',
      GIMO_TEMPORAL_ADDRESS: '127.0.0.1:4712',
      GIMO_TEMPORAL_UI: 'http://127.0.0.1:4713',
      GIMO_DATA_DIR: config.paths.data,
    });
  });
});

describe('failpoints', () => {
  it('are armed for one start of a part each', () => {
    const env = { PATH: '/bin', GIMO_FAILPOINTS: 'one:2,two;three' };
    expect([0, 1, 2].map((before) => envOfStart(env, before)['GIMO_FAILPOINTS'])).toEqual(['one:2,two', 'three', undefined]);
    expect(envOfStart({ PATH: '/bin' }, 0)).toEqual({ PATH: '/bin' });
  });
});
