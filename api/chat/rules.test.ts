/** What the rules alone make of a message, and what is left of it when the scorer has its say. */
import { describe, expect, it } from 'vitest';
import { understand, type Understood } from './intent.ts';
import { readByRules } from './rules.ts';
import { readMessage } from './words.ts';

const READERS: [string, (text: string) => Promise<Understood>][] = [
  ['rules', async (text) => readByRules(text)],
  ['both readers', understand],
];

describe.each(READERS)('a message, read by %s,', (_readers, read) => {
  it.each([
    'neer run `rm -rf /`',
    'aoid running the build',
    'nucna ejecuta `rm -rf /`',
    'evta ejecutar el build',
    'refarin from running `make all`',
  ])('with a mistyped negation is no order: %s', async (text) => expect((await read(text)).intent).toBe('negated'));

  it.each([
    ['staus of the runs', 'status'],
    ['cancle the run', 'cancel'],
    ['ejcuta `npm test`', 'spawn'],
    ['analzia el repositroio', 'scan'],
  ])('is read although it is mistyped: %s', async (text, intent) => expect((await read(text)).intent).toBe(intent));

  it.each(['shall we have pasta', 'the stage was under white light', 'la cosa va de fiesta'])(
    'of everyday words is not mended: %s',
    async (text) => expect((await read(text)).intent).toBe('out_of_scope'),
  );

  it.each(['the provider', 'the repository and its drafts', 'el borrador y el script'])(
    'that only names things of ours is asked back: %s',
    async (text) => expect((await read(text)).intent).toBe('unclear'),
  );

  it.each([
    'run `npm test`? no way',
    'execute the script? never',
    'it would be a mistake to run the script',
    '¿lanzar el script? ni hablar',
    'me niego a ejecutar `npm test`',
    'en vez de lanzar el script, espera',
    'ejecutar `npm test` no, gracias',
    'es un error lanzar el script',
  ])('that is denied around its verb is no order: %s', async (text) => expect((await read(text)).intent).toBe('negated'));

  it('with a verb in a form that tells is no order', async () => {
    expect((await read('¿ya terminó el trabajo?')).intent).not.toBe('cancel');
  });
});

describe('a message', () => {
  it('gives its code, paths, ids and diff', () => {
    const message = readMessage('fix `a.b` in src/x.ts as d_01J8ZC5V3N9Q2T4W6Y8B0D2F4H says\n```diff\n--- a/y\n+++ b/y\n```');
    expect(message).toMatchObject({
      code: ['a.b'],
      paths: ['src/x.ts'],
      ids: ['d_01J8ZC5V3N9Q2T4W6Y8B0D2F4H'],
      diff: '--- a/y\n+++ b/y\n',
    });
  });
});
