/** Which instance an entry leads to. Never a guess: on a shared machine a token would go to whoever listens at the usual port. */
import path from 'node:path';
import type { Instance } from '#platform/instance.ts';
import { isSameProcess } from '#platform/processes.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { readSettings, type Environment, type GlobalOptions } from '../settings.ts';

const DATA = '.orch_data';
const CLONE = path.resolve(import.meta.dirname, '..', '..');

/** `data`: its directory, null when only an address was given. `url`: null when nothing is known to have it. `stated`: by --url or GIMO_URL. */
export type Known = { data: string | null; url: string | null; stated: string | null };

/** Where instances are looked for when none is named: the current folder, and the clone that this command belongs to. */
export function usualPlaces(): string[] {
  return [path.resolve(DATA), path.join(CLONE, DATA)];
}

const isRunning = (instance: Instance | null): boolean => instance !== null && isSameProcess(instance);

/** In: what was given, and where else to look. Throws: CliFailure when nothing names an instance and none is found. */
export function whichInstance(options: GlobalOptions, env: Environment, places = usualPlaces()): Known {
  const stated = (options.url ?? env['GIMO_URL']) === undefined ? null : readSettings(options, env).url;
  const named = options.data ?? env['GIMO_DATA_DIR'];
  if (stated !== null && named === undefined) return { data: null, url: stated, stated };
  const at = (data: string | undefined): Known & { instance: Instance | null } => {
    const { config, instance } = readSettings(data === undefined ? options : { ...options, data }, env);
    return { data: config.paths.data, instance, stated, url: stated ?? (isRunning(instance) ? (instance?.url ?? null) : null) };
  };
  if (named !== undefined) return at(options.data);
  const found = places.map(at).filter(({ instance }) => instance !== null);
  const known = found.find(({ instance }) => isRunning(instance)) ?? found[0];
  if (known !== undefined) return known;
  throw new CliFailure(
    EXIT.unavailable,
    `No instance is known here, so no address is written: nothing was started on ${places.join(' or ')}. Name yours with --data DIR, the directory that \`npm start\` uses, or with --url ADDRESS.`,
  );
}

/** Throws: CliFailure when nobody knows its address. */
export function addressOf({ data, url }: Known): string {
  if (url !== null) return `${url}/mcp`;
  throw new CliFailure(
    EXIT.unavailable,
    `The instance on ${data} does not run, so its address is not known. Start it, or give the address with --url ADDRESS; --transport stdio needs none.`,
  );
}

/** How `gimo` is told the same instance. */
export function instanceArgs({ data, stated }: Known): string[] {
  return [...(data === null ? [] : ['--data', data]), ...(stated === null ? [] : ['--url', stated])];
}
