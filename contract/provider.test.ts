import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_PROVIDERS,
  PROVIDER_TYPES,
  PROVIDER_TYPE_NAMES,
  ProviderConfigSchema,
  ProviderSchema,
  ProviderUpdateSchema,
  findProvider,
  isLocalProvider,
  mergeProviders,
  redactProviders,
} from './provider.ts';

const entry = { type: 'openai', model: 'gpt-4o', api_key: '${OPENAI_API_KEY}' } as const;
const faultsOf = (value: unknown): string[] => ProviderSchema.safeParse(value).error?.issues.map((issue) => issue.path.join('.')) ?? [];

describe('the configuration of providers', () => {
  // verifies: OBJ-8
  test('the template parses and keeps the names and addresses of the specification', () => {
    expect(ProviderConfigSchema.parse(DEFAULT_PROVIDERS)).toEqual(DEFAULT_PROVIDERS);
    expect(Object.keys(DEFAULT_PROVIDERS.providers)).toEqual(['local_ollama', 'lm_studio', 'gemini', 'openai', 'claude_api']);
    expect(DEFAULT_PROVIDERS.providers['local_ollama']?.base_url).toBe('http://localhost:11434/v1');
    expect(DEFAULT_PROVIDERS.providers['lm_studio']).toMatchObject({ base_url: 'http://localhost:1234/v1', api_key: null });
  });

  test.each(PROVIDER_TYPE_NAMES)('the type %s parses', (type) => {
    expect(faultsOf({ type, model: 'm', base_url: 'http://127.0.0.1:1/v1' })).toEqual([]);
  });

  // verifies: PRV-1
  test('the taxonomy is complete', () => {
    expect(Object.keys(PROVIDER_TYPES)).toEqual(
      expect.arrayContaining([
        'ollama_local',
        'openai',
        'codex',
        'groq',
        'openrouter',
        'custom_openai_compatible',
        'openai_compat',
        'anthropic',
        'gemini',
      ]),
    );
  });

  test('a key itself is refused, and the fault does not repeat it', () => {
    const result = ProviderSchema.safeParse({ ...entry, api_key: 'hunter2-a-real-key' });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).not.toContain('hunter2');
    expect(JSON.stringify(result.error?.issues)).toContain('${NAME}');
  });

  test.each(['$NAME', '${}', '${1A}', '${A-B}', 'x${NAME}', '${NAME} ', '${A}${B}', ''])('"%s" is no reference', (api_key) => {
    expect(faultsOf({ ...entry, api_key })).toEqual(['api_key']);
  });

  test.each(['${ORCH_ADMIN_TOKEN}', '${GIMO_GICS_TOKEN}'])('%s is never sent to a provider', (api_key) => {
    expect(faultsOf({ ...entry, api_key })).toEqual(['api_key']);
  });

  test.each([
    'ftp://h/v1',
    'h/v1',
    'http://',
    'http://user:word@h/v1',
    'http://user@h/',
    'https://h/v1?key=a',
    'https://h/#a',
    'http://h\\@evil/',
    'file:///etc',
  ])('the address %s is refused', (base_url) => {
    expect(faultsOf({ ...entry, base_url })).toEqual(['base_url']);
  });

  test.each(['http://h', 'https://api.example.com:8443/v1/', 'http://[::1]:11434/v1', 'http://10.0.0.7:8000/v1'])(
    'the address %s is accepted',
    (base_url) => {
      expect(faultsOf({ ...entry, base_url })).toEqual([]);
    },
  );

  test('every accepted address has the host that a URL parser sees', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (base_url) => {
        if (faultsOf({ ...entry, base_url }).length > 0) return;
        const url = new URL(base_url);
        expect([url.username, url.password, url.search, url.hash]).toEqual(['', '', '', '']);
        expect(isLocalProvider({ type: 'openai', base_url })).toBe(
          ['localhost', '[::1]'].includes(url.hostname) || url.hostname.startsWith('127.'),
        );
      }),
    );
  });

  test('an address is required where the type has none', () => {
    expect(faultsOf({ type: 'custom_openai_compatible', model: 'm' })).toEqual(['base_url']);
    expect(faultsOf({ type: 'gemini', model: 'm' })).toEqual([]);
  });

  test('unknown fields and unknown types are refused', () => {
    expect(ProviderSchema.safeParse({ ...entry, key: 'x' }).success).toBe(false);
    expect(faultsOf({ ...entry, type: 'mystery' })).toEqual(['type']);
  });

  test('the active name must be among the providers', () => {
    expect(ProviderConfigSchema.safeParse({ active: 'toString', providers: { a: entry } }).success).toBe(false);
  });
});

// verifies: OBJ-8, API-6
describe('an update', () => {
  const current = ProviderConfigSchema.parse({ active: 'a', providers: { a: entry, b: entry } });
  const update = (body: unknown) => mergeProviders(current, ProviderUpdateSchema.parse(body));

  test('of `active` alone switches', () => {
    expect(update({ active: 'b' })).toEqual({ ...current, active: 'b' });
  });

  test('of some providers keeps the rest; null removes', () => {
    expect(update({ providers: { c: entry, b: null } })).toEqual({ active: 'a', providers: { a: entry, c: entry } });
  });

  test('of both replaces all', () => {
    expect(update({ active: 'c', providers: { c: entry } })).toEqual({ active: 'c', providers: { c: entry } });
  });

  test.each([{ active: 'nobody' }, { active: 'constructor' }, { providers: { a: null } }, { active: 'a', providers: { c: entry } }])(
    'that leaves an unknown name active is PROVIDER_UNKNOWN: %j',
    (body) => {
      expect(() => update(body)).toThrow(expect.objectContaining({ code: 'PROVIDER_UNKNOWN', hint: expect.stringContaining('Known') }));
    },
  );

  test('of nothing is refused', () => {
    expect(ProviderUpdateSchema.safeParse({}).success).toBe(false);
  });

  test('takes back what was shown', () => {
    expect(update(redactProviders(current))).toEqual(current);
  });

  test('leaves the current configuration as it was', () => {
    const before = structuredClone(current);
    update({ providers: { a: { ...entry, model: 'other' } } });
    expect(current).toEqual(before);
  });
});

// verifies: SEC-8
test('what is shown holds names of variables and never a key, whatever was stored', () => {
  const shown = redactProviders({ active: 'a', providers: { a: entry, b: { ...entry, api_key: 'hunter2-a-real-key' } } });
  expect(shown.providers['a']).toEqual({ ...entry, key_set: null });
  expect(JSON.stringify(shown)).not.toContain('hunter2');
});

test('a provider is found by name, and the active one by `auto` or no name', () => {
  const config = { active: 'a', providers: { a: entry, b: { ...entry, model: 'other' } } };
  expect(findProvider(config, 'b').provider.model).toBe('other');
  expect([findProvider(config, null).name, findProvider(config, 'auto').name]).toEqual(['a', 'a']);
  expect(() => findProvider(config, 'hasOwnProperty')).toThrow(expect.objectContaining({ code: 'PROVIDER_UNKNOWN' }));
});
