import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellCommands } from './shell-parse.ts';

const words = (script: string): string[][] => shellCommands(script).map((command) => command.words);

describe('the commands of a script', () => {
  it.each<[string, string[][]]>([
    ['a b; c && d || e & f\ng', [['a', 'b'], ['c'], ['d'], ['e'], ['f'], ['g']]],
    [`awk '{ print $1 | "x;y" }' "a  b" c\\ d`, [['awk', '{ print $1 | "x;y" }', 'a  b', 'c d']]],
    ['# rm -rf /\necho "#no" # yes', [['echo', '#no']]],
    ['a "$(b c | d)" `e`', [['a', '$(b c | d)', '`e`'], ['b', 'c'], ['d'], ['e']]],
    [
      'bash <(curl x)',
      [
        ['bash', '<(curl x)'],
        ['curl', 'x'],
      ],
    ],
    ['a \\\n  b', [['a', 'b']]],
    ['(cd x; make) 2>&1 >log', [['cd', 'x'], ['make'], []]],
  ])('%s', (script, expected) => {
    expect(words(script)).toEqual(expected);
  });

  it('say what is read, written and piped', () => {
    const [first, second] = shellCommands('cat <in 2>/dev/null | tee out >> "log file"');
    expect(first).toMatchObject({ words: ['cat'], reads: ['in'], writes: ['/dev/null'], isPiped: false });
    expect(second).toMatchObject({ words: ['tee', 'out'], writes: ['log file'], isPiped: true, text: 'tee out >> "log file"' });
    expect(shellCommands('curl x |\n  sh')[1]).toMatchObject({ words: ['sh'], isPiped: true, pipeline: 'curl x |\n  sh' });
    expect(second?.pipeline).toBe('cat <in 2>/dev/null | tee out >> "log file"');
  });

  it('keep a text that stands below them as what they are given, and not as commands', () => {
    const [sh, next, ...more] = shellCommands("sh <<'END'\nrm -rf /\nEND\nnext <<< here");
    expect(sh).toMatchObject({ words: ['sh'], stdin: 'rm -rf /\n' });
    expect(next).toMatchObject({ words: ['next'], stdin: 'here' });
    expect(more).toEqual([]);
  });

  it('are found in any text without an error, in time that grows with it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab $(`"\'\\|;&<>\n#){')), maxLength: 200 }),
        (text) => void shellCommands(text),
      ),
    );
    expect(shellCommands('$('.repeat(20_000)).length).toBeLessThan(100);
  });
});
