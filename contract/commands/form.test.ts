import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../canonical.ts';
import { commandCovers, commandForm, commandParts, storedCommand, type Called } from './form.ts';
import { escapePattern } from '../pattern.ts';
import { asPattern } from '../template.ts';

const planned = (called: Called): string[] => commandForm(called, asPattern);
const done = (called: Called): string[] => commandForm(called, escapePattern);
const grants = (pattern: Called, called: Called): boolean => commandCovers(storedCommand(planned(pattern)), done(called));

const ARGV = ['npm', 'test'];

describe('the form of a whole command', () => {
  it('is its arguments where there is nothing around them', () => {
    expect(planned({ argv: ['npm', 'run', '${{ inputs.x }}'] })).toEqual(['npm', 'run', '*']);
    expect(planned({ argv: ARGV, env: {}, cwd: '.', stdin: '' })).toEqual(ARGV);
  });

  it('says folder, variables by their names, and input as one would type them', () => {
    const called = { argv: ARGV, cwd: 'src', env: { CI: '1', A: '${{ inputs.x }}', B: 'a*' }, stdin: 'on ${{ inputs.y }}' };
    expect(planned(called)).toEqual(['env', '-C', 'src', 'A=*', 'B=a\\*', 'CI=1', 'npm', 'test', '<<<', 'on *']);
    expect(planned({ argv: ARGV, stdin: 'x' })).toEqual(['npm', 'test', '<<<', 'x']);
  });

  it('comes apart again, also where the arguments begin with `env`', () => {
    const called = { argv: ['env', 'B=2', 'npm'], cwd: 'src', env: { A: '1' }, stdin: 'x' };
    expect(commandParts(planned(called))).toEqual({ words: ['npm'], around: ['src', 'A=1', '.', 'B=2'], input: 'x' });
    expect(commandParts(['env'])).toEqual({ words: ['env'], around: [], input: '' });
    expect(commandParts(['env', 'A=1'])).toEqual({ words: ['env', 'A=1'], around: [], input: '' });
    expect(commandParts(['<<<', 'x'])).toEqual({ words: ['<<<', 'x'], around: [], input: '' });
  });

  it('names a long input by its hash, and any text where a part of it is only known at run time', () => {
    const long = 'é*'.repeat(60_000);
    expect(storedCommand(planned({ argv: ARGV, stdin: long })).at(-1)).toBe(`sha256:${sha256Hex(long)}`);
    expect(storedCommand(planned({ argv: ARGV, stdin: `${long}\${{ inputs.x }}` })).at(-1)).toBe('*');
  });
});

describe('a granted command', () => {
  const around = { cwd: 'src', env: { A: '1' }, stdin: 'text' };

  it.each<[string, Called, Called]>([
    ['itself', { argv: ARGV, ...around }, { argv: ARGV, ...around }],
    ['any text where a reference stood', { argv: ARGV, env: { A: '${{ inputs.x }}' } }, { argv: ARGV, env: { A: '-x=y *' } }],
    ['an input that begins like an option', { argv: ARGV, stdin: '${{ inputs.x }}' }, { argv: ARGV, stdin: '- one\n- two' }],
    ['an empty input where a reference stood', { argv: ARGV, stdin: '${{ inputs.x }}' }, { argv: ARGV, stdin: '' }],
    [
      'a long input where a reference stood',
      { argv: ARGV, stdin: 'on ${{ inputs.x }}' },
      { argv: ARGV, stdin: `on ${'x'.repeat(300_000)}` },
    ],
    ['the folder of the workspace where a reference stood', { argv: ARGV, cwd: '${{ inputs.x }}' }, { argv: ARGV, cwd: '.' }],
    ['the same long input', { argv: ARGV, stdin: 'x*'.repeat(100_000) }, { argv: ARGV, stdin: 'x*'.repeat(100_000) }],
    ['a variable that stands among the arguments', { argv: ['env', 'A=1', 'npm'] }, { argv: ['npm'], env: { A: '1' } }],
  ])('covers %s', (_what, pattern, called) => {
    expect(grants(pattern, called)).toBe(true);
  });

  it.each<[string, Called, Called]>([
    ['a variable', { argv: ARGV }, { argv: ARGV, env: { NODE_OPTIONS: '--import=data:,x' } }],
    ['another value', { argv: ARGV, env: { A: '1' } }, { argv: ARGV, env: { A: '2' } }],
    ['one variable more', { argv: ARGV, env: { A: '${{ inputs.x }}' } }, { argv: ARGV, env: { A: '1', PATH: './evil' } }],
    ['one less', { argv: ARGV, env: { A: '1' } }, { argv: ARGV }],
    ['another folder', { argv: ARGV }, { argv: ARGV, cwd: 'evil' }],
    ['the folder of the workspace', { argv: ARGV, cwd: 'src' }, { argv: ARGV }],
    ['an input', { argv: ARGV }, { argv: ARGV, stdin: 'x' }],
    ['another input', { argv: ARGV, stdin: 'x' }, { argv: ARGV, stdin: 'y' }],
    ['no input', { argv: ARGV, stdin: 'x' }, { argv: ARGV }],
    ['another long input', { argv: ARGV, stdin: 'x'.repeat(200_000) }, { argv: ARGV, stdin: 'y'.repeat(200_000) }],
    [
      'a long input whose hash was approved as a text',
      { argv: ARGV, stdin: `sha256:${sha256Hex('y'.repeat(200_000))}` },
      { argv: ARGV, stdin: 'y'.repeat(200_000) },
    ],
    ['a program in place of a variable', { argv: ['${{ inputs.x }}', 'npm'], env: { A: '1' } }, { argv: ['npm'], env: { A: '1', B: '2' } }],
    ['a variable in place of an argument', { argv: ['env', '${{ inputs.x }}', 'npm'] }, { argv: ['npm'], env: { A: '1' } }],
    ['an input in place of arguments', { argv: ['npm', '${{ inputs.x }}', '${{ inputs.x }}'] }, { argv: ['npm'], stdin: 'x' }],
  ])('does not cover %s', (_what, pattern, called) => {
    expect(grants(pattern, called)).toBe(false);
  });

  it.each<[string[], Called]>([
    [['npm', '**'], { argv: ['npm', 'test'], stdin: 'x' }],
    [['*', '**'], { argv: ['npm'], env: { A: '1' } }],
    [['env', '**'], { argv: ['npm'], env: { A: '1' } }],
    [['env', '-C', '*', '**'], { argv: ['npm'], cwd: 'src' }],
    [['env', 'A=*', '**'], { argv: ['npm'], env: { A: '1', B: '2' } }],
  ])('`%j` reaches nothing around its arguments', (pattern, called) => {
    expect(commandCovers(pattern, done(called))).toBe(false);
  });

  it('covers arguments and an input of any sort where it says so', () => {
    expect(commandCovers(['node', '**', '<<<', '*'], done({ argv: ['node', '-e', 'x'], stdin: '-' }))).toBe(true);
    expect(commandCovers(['env', '-C', '*', 'A=*', 'npm', '**'], done({ argv: ['npm', 'i'], cwd: 'src', env: { A: '' } }))).toBe(true);
  });
});

describe('of all commands', () => {
  const text = fc.constantFrom('a', 'b', '-x', 'A=1', 'env', '-C', '', '*', '**', 'sha256:x');
  const name = fc.constantFrom('A', 'B', 'PATH');
  const calledArb: fc.Arbitrary<Called> = fc.record(
    {
      argv: fc.array(text, { minLength: 1, maxLength: 4 }),
      cwd: fc.constantFrom('.', 'a', 'b'),
      env: fc.dictionary(name, text, { maxKeys: 2 }),
      stdin: text,
    },
    { requiredKeys: ['argv'] },
  );
  /** As env(1) would read it: what a person who reads the form agrees to. */
  const meaning = (called: Called): string => JSON.stringify(commandParts(done(called)));

  it('a literal one covers itself and no other', () => {
    fc.assert(
      fc.property(calledArb, calledArb, (one, other) => {
        expect(commandCovers(done(one), done(one))).toBe(true);
        expect(commandCovers(done(one), done(other))).toBe(meaning(one) === meaning(other));
      }),
      { numRuns: 3000 },
    );
  });

  it('one whose texts are open covers nothing more around its arguments than what it names', () => {
    const open = (called: Called): string[] => commandForm(called, (value) => (value === 'a' ? '*' : escapePattern(value)));
    fc.assert(
      fc.property(calledArb, (called) => {
        const covers = (more: Partial<Called>): boolean => commandCovers(open(called), done({ ...called, ...more }));
        const hasFolder = (called.cwd ?? '.') !== '.';
        const hasInput = (called.stdin ?? '') !== '';
        expect([
          covers({ env: { ...called.env, Z: '1' } }),
          !hasFolder && covers({ cwd: 'b' }),
          !hasInput && covers({ stdin: 'x' }),
        ]).toEqual([false, false, false]);
      }),
      { numRuns: 3000 },
    );
  });
});
