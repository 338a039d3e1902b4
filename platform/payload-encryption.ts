/** Payloads of Temporal as AES-256-GCM, in the form that Temporal's tools know: `binary/encrypted` and the id of the key. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { pack, unpack } from 'msgpackr';
import { GimoError } from '#contract/errors.ts';
import type { PayloadKeys } from './payload-keys.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const ENCODING = Buffer.from('binary/encrypted');
const KEY_ID = 'encryption-key-id';

export class PayloadEncryption implements PayloadCodec {
  readonly #keys: PayloadKeys;
  readonly #isOn: boolean;

  /** In: whether what is written is encrypted; what is read is decrypted either way. */
  constructor(keys: PayloadKeys, isOn: boolean) {
    this.#keys = keys;
    this.#isOn = isOn;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return this.#isOn ? payloads.map((payload) => this.#encrypt(payload)) : payloads;
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.#decrypt(payload));
  }

  #encrypt({ metadata, data }: Payload): Payload {
    const { kid, key } = this.#keys.current();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(kid));
    const text = [cipher.update(pack({ metadata, data })), cipher.final()];
    return { metadata: { encoding: ENCODING, [KEY_ID]: Buffer.from(kid) }, data: Buffer.concat([iv, ...text, cipher.getAuthTag()]) };
  }

  /** What is not encrypted was written before, or with encryption off. */
  #decrypt(payload: Payload): Payload {
    const { metadata, data } = payload;
    if (!ENCODING.equals(metadata?.['encoding'] ?? new Uint8Array())) return payload;
    const kid = Buffer.from(metadata?.[KEY_ID] ?? []).toString();
    const key = this.#keys.find(kid);
    if (key === null) throw new GimoError('NOT_FOUND', { message: `The key ${kid} of a payload is not in the file of the payload keys.` });
    const bytes = Buffer.from(data ?? []);
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(kid));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return unpack(Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])) as Payload;
  }
}
