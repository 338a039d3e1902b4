/** Temporal of a stack, as those see it who can reach it themselves. */
import type { DataConverter } from '@temporalio/common';
import { createDataConverter } from '#platform/data-converter.ts';
import { connectTemporal, type TemporalAccess } from '#platform/temporal.ts';
import type { Stack } from './stack.ts';

/** Reads and writes payloads as GIMO does, encrypted. */
export function dataConverterOf(stack: Stack): DataConverter {
  return createDataConverter(stack.gics, { hasEncryptedPayloads: true, paths: stack.paths });
}

/** Waits: until Temporal answers. */
export function connectTo(stack: Stack): Promise<TemporalAccess> {
  const temporalAddress = stack.instance().temporal_address;
  return connectTemporal({ temporalAddress, temporalNamespace: 'gimo' }, { dataConverter: dataConverterOf(stack) });
}
