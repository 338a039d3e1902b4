import type { DataConverter, Payload, StorageDriver } from '@temporalio/common';
import { ExternalStorage, StorageDriverClaim } from '@temporalio/common';
import { pack, unpack } from 'msgpackr';
import type { Gics } from '#contract/gics.ts';
import { GimoError } from '#contract/errors.ts';

/** Larger payloads go into GICS and the history keeps their hash: a claim check. */
const THRESHOLD_BYTES = 32 * 1024;

function storage(gics: Gics): StorageDriver {
  return {
    name: 'gics',
    type: 'gimo.gics-blobs',
    store: (_context, payloads) =>
      Promise.all(
        payloads.map(async (payload) => {
          const { sha256 } = await gics.putBlob(pack({ metadata: payload.metadata, data: payload.data }));
          return new StorageDriverClaim({ sha256 });
        }),
      ),
    retrieve: (_context, claims) =>
      Promise.all(
        claims.map(async ({ claimData }): Promise<Payload> => {
          const bytes = await gics.getBlob(claimData['sha256'] ?? '');
          if (!bytes) throw new GimoError('NOT_FOUND', { message: `The payload ${claimData['sha256'] ?? ''} is not in the store.` });
          return unpack(bytes) as Payload;
        }),
      ),
  };
}

/** What every client and worker of GIMO uses, so that all of them can read every history. */
export function createDataConverter(gics: Gics): DataConverter {
  return { externalStorage: new ExternalStorage({ drivers: [storage(gics)], payloadSizeThreshold: THRESHOLD_BYTES }) };
}
