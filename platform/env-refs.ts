/** `${NAME}` references to environment variables: how provider keys are named everywhere but in the call itself. */
import { GimoError } from '#contract/errors.ts';
import { ENV_REF } from '#contract/provider.ts';
import { addSecret } from './redact.ts';

/** The name inside `${NAME}`, null when the text is anything else. */
export function parseEnvRef(ref: string): string | null {
  return ENV_REF.exec(ref)?.[1] ?? null;
}

const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSW(?:OR)?D|PASSPHRASE|CREDENTIALS?|_PAT)(?:_\d+)?$/i;

/** Names of files, and words that stand in other texts too. */
const NO_SECRET = /^(?:\/.*|[a-z]{1,15}|[A-Z]{1,15})$/;

/** Masks, in all that this process writes, the values of variables whose name says that they are secret. */
export function addEnvSecrets(env: Record<string, string | undefined>): void {
  for (const [name, value = ''] of Object.entries(env))
    if (SECRET_NAME.test(name) && !NO_SECRET.test(value.trim())) addSecret(value.trim());
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
