/** Which instance a command talks to, and as whom. */
import { existsSync, readFileSync } from 'node:fs';
import type { Role } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';
import { readConfig, type Config } from '#platform/config.ts';
import { readInstance, type Instance } from '#platform/instance.ts';
import { CliFailure, EXIT } from './failure.ts';
import { StartWatch } from './start-watch.ts';

export type GlobalOptions = { json?: boolean; url?: string; token?: string; data?: string };
export type Environment = Record<string, string | undefined>;

export type Settings = {
  config: Config;
  /** What `npm start` wrote, null when nothing was started on this data directory. */
  instance: Instance | null;
  url: string;
  /** For whom nothing answers: where it was looked, and how to look elsewhere. */
  where: string;
  /** The start of the instance of the data directory; null when the address was stated. */
  start: StartWatch | null;
  /** Tokens from the least role to the greatest; one without a role was given by hand and is used for everything. */
  tokens: { role: Role | null; token: string }[];
};

const ORDER = ['actions', 'operator', 'admin'] as const satisfies readonly Role[];
const TokensFile = z.object({ actions: z.string().optional(), operator: z.string().optional(), admin: z.string().optional() });

/** Throws: CliFailure when the environment, the address or a file of the data directory cannot be read. */
export function readSettings(options: GlobalOptions, env: Environment): Settings {
  const config = orUsage(() => readConfig(options.data === undefined ? env : { ...env, GIMO_DATA_DIR: options.data }));
  const instance = orUsage(() => readInstance(config.paths.instance));
  const stated = options.url ?? env['GIMO_URL'];
  const url = (stated ?? instance?.url ?? `http://${urlHost(config.host)}:${config.port}`).replace(/\/+$/, '');
  if (!URL.canParse(url)) throw new CliFailure(EXIT.usage, `${url} is not an address: give one like http://127.0.0.1:9325 with --url.`);
  const where =
    stated === undefined ? whereOf(url, config.paths.data, instance) : `Nothing answers at ${url}, the address of --url or GIMO_URL.`;
  const start = stated === undefined ? new StartWatch(config.paths.instance) : null;
  return { config, instance, url, where, start, tokens: findTokens(options.token ?? env['GIMO_TOKEN'], config) };
}

function whereOf(url: string, data: string, instance: Instance | null): string {
  const looked =
    instance === null
      ? `Nothing was started on the data directory ${data}, and nothing answers at ${url}.`
      : `Nothing answers at ${url}, the address of the instance on the data directory ${data}.`;
  return `${looked} Elsewhere: --data DIR or --url ADDRESS.`;
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function orUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CliFailure(EXIT.usage, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function findTokens(given: string | undefined, config: Config): Settings['tokens'] {
  if (given !== undefined && given !== '') return [{ role: null, token: given }];
  const stored = readTokensFile(config.paths.tokens);
  return ORDER.flatMap((role) => {
    const token = config.tokens[role] ?? stored[role];
    return token === undefined ? [] : [{ role, token }];
  });
}

function readTokensFile(file: string): z.output<typeof TokensFile> {
  if (!existsSync(file)) return {};
  try {
    return TokensFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new CliFailure(EXIT.usage, `${file} cannot be read: give a token with --token or GIMO_TOKEN.`, { cause: error });
  }
}

/** The tokens that may do what needs `role`, the least one first. */
export function tokensFor(tokens: Settings['tokens'], role: Role): string[] {
  const least = ORDER.indexOf(role);
  return tokens.filter((item) => item.role === null || ORDER.indexOf(item.role) >= least).map((item) => item.token);
}
