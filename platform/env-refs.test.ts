import { expect, test } from 'vitest';
import { addEnvSecrets, parseEnvRef, resolveEnvRef } from './env-refs.ts';
import { redact } from './redact.ts';

test('a reference names its variable, other text none', () => {
  expect(parseEnvRef('${A_KEY}')).toBe('A_KEY');
  expect(['A_KEY', '$A_KEY', '${A KEY}', ' ${A_KEY}'].map(parseEnvRef)).toEqual([null, null, null, null]);
});

test('a resolved value is masked from then on', () => {
  const text = 'the value is resolved-value-0123';
  expect(redact(text)).toBe(text);
  expect(resolveEnvRef('${A_KEY}', { A_KEY: ' resolved-value-0123\n' })).toBe('resolved-value-0123');
  expect(redact(text)).toBe('the value is [redacted]');
});

test('values of variables with the name of a secret are masked, words and paths are not', () => {
  addEnvSecrets({
    DB_PASSWORD: 'pw-of-a-db-17',
    APP_TOKEN_2: 'token-two-0123',
    PG_PASSWORD: 'postgres',
    TLS_KEY: '/etc/tls/key',
    EDITOR: 'editor-0123',
  });
  const text = 'pw-of-a-db-17 token-two-0123 postgres /etc/tls/key editor-0123';
  expect(redact(text)).toBe('[redacted] [redacted] postgres /etc/tls/key editor-0123');
});

test.each([undefined, '', '  '])('a variable that is %j is ENV_UNSET and named', (A_KEY) => {
  expect(() => resolveEnvRef('${A_KEY}', { A_KEY })).toThrow(
    expect.objectContaining({ code: 'ENV_UNSET', message: expect.stringContaining('A_KEY'), data: { variable: 'A_KEY' } }),
  );
});

test('a key in place of a reference is refused without being quoted', () => {
  expect(() => resolveEnvRef('hunter2-a-real-key', {})).toThrow(
    expect.objectContaining({ code: 'ENV_UNSET', message: expect.not.stringContaining('hunter2') }),
  );
});
