import type { QueryClient } from '@tanstack/react-query';

/** Reads everything again but the packets: what somebody is deciding on is only replaced when they ask for it. */
export function refreshAll(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'packet' });
}
