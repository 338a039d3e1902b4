import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Config } from '#platform/config.ts';
import type { Logger } from '#platform/log.ts';
import { makeDataDirs } from '#platform/paths.ts';
import { BLOBS_FOLDER, BlobStore } from './blobs.ts';
import { createHandlers } from './handlers.ts';
import { startServer } from './server.ts';
import { freeBytes, SpaceGuard } from './store/space.ts';
import { openSqliteStore } from './store/sqlite/store.ts';
import { VERSION } from '#platform/version.ts';

export type Daemon = { url: string; close: () => Promise<void> };

/** Open the data directory and serve it. Throws: GICS_LOCKED, GICS_DATA_NEWER, GICS_CORRUPT, BAD_REQUEST. */
export async function startDaemon(config: Pick<Config, 'paths' | 'gicsUrl' | 'gicsToken'>, log: Logger): Promise<Daemon> {
  makeDataDirs(config.paths);
  const store = openSqliteStore(config.paths.gics);
  const space = new SpaceGuard(() => freeBytes(config.paths.gics));
  const blobs = new BlobStore(path.join(config.paths.gics, BLOBS_FOLDER));
  const { handlers, close } = createHandlers({
    store,
    blobs,
    version: VERSION,
    dataDir: config.paths.data,
    requireSpace: () => space.require(),
  });
  try {
    await blobs.open();
    const server = await startServer({ url: config.gicsUrl, token: config.gicsToken, handlers, version: VERSION, log });
    const stop = async (): Promise<void> => {
      server.stopReading();
      close();
      await store.close();
      // The answers to what has just been committed are written in this turn.
      await setImmediate();
      await server.close();
    };
    return { url: server.url, close: stop };
  } catch (error) {
    await store.close();
    throw error;
  }
}
