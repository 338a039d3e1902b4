/** Temporal's remote codec: its web page sends what it cannot read, and shows what comes back. */
import { z } from '../zod.ts';
import { COMMON_ERRORS, HUMANS, route } from './route.ts';

const Base64 = z.base64();
const Payload = z.object({ metadata: z.record(z.string().max(200), Base64).nullish(), data: Base64.nullish() });
export const PayloadsSchema = z.object({ payloads: z.array(Payload).max(1000) });
export type WirePayloads = z.output<typeof PayloadsSchema>;

const row = {
  method: 'POST',
  role: 'operator',
  classes: HUMANS,
  body: PayloadsSchema,
  responses: { 200: PayloadsSchema },
  errors: COMMON_ERRORS,
  forIntegrations: false,
  isLook: true,
} as const;

export const codecRoutes = {
  codec_decode: route({ ...row, path: '/codec/decode', summary: 'Payloads of a workflow in plain, for Temporal Web' }),
  codec_encode: route({ ...row, path: '/codec/encode', summary: 'Payloads as GIMO writes them, for Temporal Web' }),
} as const;
