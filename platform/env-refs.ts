/** `${NAME}` references to environment variables: how provider keys are named everywhere but in the call itself. */
import { GimoError } from '#contract/errors.ts';
import { ENV_REF } from '#contract/provider.ts';
import { addSecret } from './redact.ts';

/** The name inside `${NAME}`, null when the text is anything else. */
export function parseEnvRef(ref: string): string | null {
  return ENV_REF.exec(ref)?.[1] ?? null;
}

/**
 * The value of a reference; from then on this process masks it in all it writes.
 * Only where a call is made: in the worker, and in the API for drafting. Throws: ENV_UNSET, naming the variable.
 */
export function resolveEnvRef(ref: string, env: Record<string, string | undefined>): string {
  const name = parseEnvRef(ref);
  // The text is not quoted: it may be a key that was pasted where a reference belongs.
  if (name === null) throw new GimoError('ENV_UNSET', { message: 'The key is not a reference of the form "${NAME}".' });
  const value = env[name]?.trim() ?? '';
  if (value === '') {
    throw new GimoError('ENV_UNSET', {
      message: `The environment variable ${name} is not set.`,
      hint: `Set ${name} in the environment of \`npm start\` and start again.`,
      data: { variable: name },
    });
  }
  addSecret(value);
  return value;
}
