import { z } from './zod.ts';

export const PartSchema = z.object({ ok: z.boolean(), detail: z.string() });
export const ReadySchema = z.object({ ready: z.boolean(), parts: z.record(z.string(), PartSchema) });
export type Ready = z.output<typeof ReadySchema>;
