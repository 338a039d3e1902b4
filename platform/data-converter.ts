import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { pack, unpack } from 'msgpackr';
import { GimoError } from '#contract/errors.ts';
import type { Gics } from '#contract/gics.ts';
import type { Config } from './config.ts';
import type { DataPaths } from './paths.ts';
import { PayloadEncryption } from './payload-encryption.ts';
import { PayloadKeys } from './payload-keys.ts';

/** Larger payloads go into GICS and the history keeps their hash: a claim check. */
const THRESHOLD_BYTES = 32 * 1024;
const ENCODING = new TextEncoder().encode('gimo/claim');
const SHA256 = 'gimo-sha256';

class ClaimCheck implements PayloadCodec {
  readonly #gics: Gics;

  constructor(gics: Gics) {
    this.#gics = gics;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.#store(payload)));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.#fetch(payload)));
  }

  async #store(payload: Payload): Promise<Payload> {
    if ((payload.data?.length ?? 0) < THRESHOLD_BYTES) return payload;
    const { sha256 } = await this.#gics.putBlob(pack({ metadata: payload.metadata, data: payload.data }));
    return { metadata: { encoding: ENCODING, [SHA256]: new TextEncoder().encode(sha256) }, data: new Uint8Array() };
  }

  async #fetch(payload: Payload): Promise<Payload> {
    const claim = payload.metadata?.[SHA256];
    if (!claim) return payload;
    const sha256 = new TextDecoder().decode(claim);
    const bytes = await this.#gics.getBlob(sha256);
    if (!bytes) throw new GimoError('NOT_FOUND', { message: `The payload ${sha256} is not in the store.` });
    return unpack(bytes) as Payload;
  }
}

type CodecConfig = Pick<Config, 'hasEncryptedPayloads'> & { paths: Pick<DataPaths, 'payloadKeys'> };

/** The order of encoding: what is large goes into GICS as it is, what is left for Temporal is encrypted. */
export function createCodecs(gics: Gics, { hasEncryptedPayloads, paths }: CodecConfig): PayloadCodec[] {
  return [new ClaimCheck(gics), new PayloadEncryption(new PayloadKeys(paths.payloadKeys), hasEncryptedPayloads)];
}

/** What every client and worker of GIMO uses, so that all of them can read every history. */
export function createDataConverter(gics: Gics, config: CodecConfig): DataConverter {
  return { payloadCodecs: createCodecs(gics, config) };
}
