import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';
import { newKey } from './client.ts';
import { asApiError, type ApiError } from './problem.ts';
import { refreshAll } from './refresh.ts';

type Pending = { input: string; key: string };

/**
 * One mutation with its Idempotency-Key: the same input tried again after no answer (or a 5xx) carries the same key, so that it is
 * done once; a definite answer or another input gets a new one. Every list and page is read again afterwards, also after a refusal:
 * a 409 says that the picture is old.
 */
export function useAction<In, Out>(
  run: (input: In, idempotencyKey: string) => Promise<Out>,
  onDone?: (out: Out) => void,
): UseMutationResult<Out, ApiError, In> {
  const client = useQueryClient();
  const pending = useRef<Pending | null>(null);
  return useMutation<Out, ApiError, In>({
    mutationFn: async (input) => {
      const text = JSON.stringify(input) ?? '';
      if (pending.current?.input !== text) pending.current = { input: text, key: newKey() };
      try {
        const out = await run(input, pending.current.key);
        pending.current = null;
        return out;
      } catch (error) {
        const problem = asApiError(error);
        if (problem.status > 0 && problem.status < 500) pending.current = null;
        throw problem;
      }
    },
    onSuccess: (out) => onDone?.(out),
    onSettled: () => refreshAll(client),
  });
}
