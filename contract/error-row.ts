export type ErrorRow = { status: number; sentence: string; hint: string; retryable: boolean };

/** HTTP status, sentence, what to do next, whether the same call may succeed later. */
export const row = (status: number, sentence: string, hint: string, retryable = false): ErrorRow => ({ status, sentence, hint, retryable });
